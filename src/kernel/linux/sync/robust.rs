//! Which locks does a task still hold when it ends? Its robust list says.   [Linux kernel/futex/core.c, exit_robust_list;
//! Documentation/locking/robust-futexes.rst]

use emu_cpu::{AddressSpace, GuestMemory};
use emu_prototypes::linux::Constants;

use crate::kernel::Kernel;
use crate::kernel::linux::signal::send::abi_of;
use crate::kernel::task::{Task, Tid};

/// Entries that are looked at in a list, which may be a circle.   [ROBUST_LIST_LIMIT]
const MOST: usize = 2048;

fn word(memory: &mut AddressSpace, address: u64, size: u64) -> Option<u64> {
    memory.read_word(address, size).ok()
}

impl Kernel {
    /// Marks the locks that a task holds, and wakes one waiter of each.
    pub(in crate::kernel::linux) fn let_go_of_robust_futexes(&mut self, task: &mut Task) {
        self.linux.futexes.forget(task.tid);
        let (head, _) = std::mem::take(&mut task.linux.robust_list);
        if head == 0 {
            return;
        }
        let abi = abi_of(task);
        let at = abi.layouts.robust_list_head;
        let size = u64::from(at.futex_offset.size);
        let space = task.space.clone();
        let mut memory = space.borrow_mut();
        let field = |offset: u16| head.wrapping_add(u64::from(offset));
        let (Some(mut entry), Some(offset), Some(pending)) = (
            word(&mut memory, head, size),
            word(&mut memory, field(at.futex_offset.offset), size),
            word(&mut memory, field(at.list_op_pending.offset), size),
        ) else {
            return;
        };
        let offset = match size {
            4 => offset as u32 as i32 as u64,
            _ => offset,
        };
        let mask = task.profile.arch.address_mask();
        for _ in 0..MOST {
            // Bit 0 says that the lock inherits priorities.
            if entry & !1 == head {
                break;
            }
            let next = word(&mut memory, entry & !1, size);
            if entry != pending {
                let at = (entry & !1).wrapping_add(offset) & mask;
                self.lock_is_left(abi.k, &mut memory, task.tid, at, entry & 1 != 0);
            }
            match next {
                Some(next) => entry = next,
                None => break,
            }
        }
        if pending & !1 != 0 {
            let at = (pending & !1).wrapping_add(offset) & mask;
            self.lock_is_left(abi.k, &mut memory, task.tid, at, pending & 1 != 0);
        }
    }

    fn lock_is_left(
        &mut self,
        k: &Constants,
        memory: &mut AddressSpace,
        tid: Tid,
        at: u64,
        inherits: bool,
    ) {
        if at.is_multiple_of(4) {
            self.futex_owner_died(k, memory, tid, at, inherits);
        }
    }
}
