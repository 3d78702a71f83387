//! Where is the highest hole that is long enough?
//!
//! A treap of the holes by address, each node knowing the longest hole below it: searching, adding and removing take
//! logarithmic time, however many holes there are.

use super::PAGE;

const NONE: u32 = u32::MAX;

#[derive(Debug, Clone, Copy)]
struct Node {
    start: u64,
    end: u64,
    /// The longest hole in this subtree.
    longest: u64,
    priority: u32,
    left: u32,
    right: u32,
}

/// The holes, which neither overlap nor touch.
#[derive(Debug, Clone)]
pub(super) struct Gaps {
    nodes: Vec<Node>,
    free: Vec<u32>,
    root: u32,
    /// State of a xorshift generator: the shape of the tree depends on nothing outside.
    seed: u32,
}

impl Gaps {
    pub(super) fn new() -> Gaps {
        Gaps {
            nodes: Vec::new(),
            free: Vec::new(),
            root: NONE,
            seed: 0x9e37_79b9,
        }
    }

    /// Adds the hole `start..end`, which must not be empty.
    pub(super) fn insert(&mut self, start: u64, end: u64) {
        debug_assert!(start < end);
        self.seed ^= self.seed << 13;
        self.seed ^= self.seed >> 17;
        self.seed ^= self.seed << 5;
        let node = Node {
            start,
            end,
            longest: end - start,
            priority: self.seed,
            left: NONE,
            right: NONE,
        };
        let index = match self.free.pop() {
            Some(index) => {
                self.nodes[index as usize] = node;
                index
            }
            None => {
                self.nodes.push(node);
                (self.nodes.len() - 1) as u32
            }
        };
        self.root = self.insert_at(self.root, index);
    }

    fn insert_at(&mut self, root: u32, index: u32) -> u32 {
        if root == NONE {
            return index;
        }
        let start = self.nodes[index as usize].start;
        if self.nodes[index as usize].priority > self.nodes[root as usize].priority {
            let (left, right) = self.split(root, start);
            self.nodes[index as usize].left = left;
            self.nodes[index as usize].right = right;
            self.update(index);
            return index;
        }
        if start < self.nodes[root as usize].start {
            let left = self.insert_at(self.nodes[root as usize].left, index);
            self.nodes[root as usize].left = left;
        } else {
            let right = self.insert_at(self.nodes[root as usize].right, index);
            self.nodes[root as usize].right = right;
        }
        self.update(root);
        root
    }

    /// Removes the hole that begins at `start`, which must be there.
    pub(super) fn remove(&mut self, start: u64) {
        self.root = self.remove_at(self.root, start);
    }

    fn remove_at(&mut self, root: u32, start: u64) -> u32 {
        debug_assert_ne!(root, NONE, "there is no hole at {start:#x}");
        if root == NONE {
            return NONE;
        }
        let Node {
            start: here,
            left,
            right,
            ..
        } = self.nodes[root as usize];
        if here == start {
            self.free.push(root);
            return self.merge(left, right);
        }
        if start < here {
            let left = self.remove_at(left, start);
            self.nodes[root as usize].left = left;
        } else {
            let right = self.remove_at(right, start);
            self.nodes[root as usize].right = right;
        }
        self.update(root);
        root
    }

    /// Holes before `start`, and the others.
    fn split(&mut self, root: u32, start: u64) -> (u32, u32) {
        if root == NONE {
            return (NONE, NONE);
        }
        if self.nodes[root as usize].start < start {
            let (middle, high) = self.split(self.nodes[root as usize].right, start);
            self.nodes[root as usize].right = middle;
            self.update(root);
            (root, high)
        } else {
            let (low, middle) = self.split(self.nodes[root as usize].left, start);
            self.nodes[root as usize].left = middle;
            self.update(root);
            (low, root)
        }
    }

    fn merge(&mut self, low: u32, high: u32) -> u32 {
        if low == NONE {
            return high;
        }
        if high == NONE {
            return low;
        }
        if self.nodes[low as usize].priority > self.nodes[high as usize].priority {
            let right = self.merge(self.nodes[low as usize].right, high);
            self.nodes[low as usize].right = right;
            self.update(low);
            low
        } else {
            let left = self.merge(low, self.nodes[high as usize].left);
            self.nodes[high as usize].left = left;
            self.update(high);
            high
        }
    }

    fn longest(&self, index: u32) -> u64 {
        if index == NONE {
            0
        } else {
            self.nodes[index as usize].longest
        }
    }

    fn update(&mut self, index: u32) {
        let node = self.nodes[index as usize];
        self.nodes[index as usize].longest = (node.end - node.start)
            .max(self.longest(node.left))
            .max(self.longest(node.right));
    }

    /// The highest address that is a multiple of `align`, a power of two, so that `len` bytes from it on lie in a hole and in
    /// `low..high`.
    pub(super) fn highest(&self, len: u64, low: u64, high: u64, align: u64) -> Option<u64> {
        debug_assert!(align.is_power_of_two() && align >= PAGE);
        self.highest_at(self.root, len, low, high, align)
    }

    fn highest_at(&self, root: u32, len: u64, low: u64, high: u64, align: u64) -> Option<u64> {
        if root == NONE || self.nodes[root as usize].longest < len {
            return None;
        }
        let node = &self.nodes[root as usize];
        if node.start < high {
            if let Some(found) = self.highest_at(node.right, len, low, high, align) {
                return Some(found);
            }
            let from = node.start.max(low);
            if let Some(last) = node.end.min(high).checked_sub(len)
                && last & !(align - 1) >= from
            {
                return Some(last & !(align - 1));
            }
        }
        if node.start > low {
            self.highest_at(node.left, len, low, high, align)
        } else {
            None
        }
    }
}
