//! A map that does not grow for ever.

use std::collections::BTreeMap;

/// Values by names, at most so many.
pub(in crate::sink) struct Capped<V> {
    map: BTreeMap<Vec<u8>, V>,
    max: usize,
    /// How often something was left out, since there were that many others.
    pub(in crate::sink) left_out: u64,
}

impl<V: Default> Capped<V> {
    pub(in crate::sink) fn new(max: usize) -> Self {
        Capped {
            map: BTreeMap::new(),
            max,
            left_out: 0,
        }
    }

    /// The value of a name, which is new when there was none; `None` when there is no room for it.
    pub(in crate::sink) fn entry(&mut self, name: &[u8]) -> Option<&mut V> {
        if !self.map.contains_key(name) {
            if self.map.len() >= self.max {
                self.left_out += 1;
                return None;
            }
            self.map.insert(name.to_vec(), V::default());
        }
        self.map.get_mut(name)
    }

    /// All, by their names.
    pub(in crate::sink) fn iter(&self) -> impl Iterator<Item = (&[u8], &V)> {
        self.map
            .iter()
            .map(|(name, value)| (name.as_slice(), value))
    }
}

#[cfg(test)]
mod tests {
    use super::Capped;

    #[test]
    fn what_finds_no_room_is_counted() {
        let mut map = Capped::<u32>::new(2);
        for name in ["a", "b", "c", "a", "d"] {
            if let Some(count) = map.entry(name.as_bytes()) {
                *count += 1;
            }
        }
        let all: Vec<_> = map.iter().map(|(name, count)| (name, *count)).collect();
        assert_eq!(all, [(&b"a"[..], 2), (&b"b"[..], 1)]);
        assert_eq!(map.left_out, 2);
    }
}
