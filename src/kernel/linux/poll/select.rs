//! `select`: sets of descriptors as bits in an array of `unsigned long`.

use std::rc::Rc;

use emu_prototypes::Stop;
use emu_prototypes::linux::{Errno, Outcome};

use super::wait::{Deadline, events_of};
use crate::kernel::linux::files::{NR_OPEN, OpenFile};
use crate::kernel::{Cx, Kernel};

/// Descriptors a table has room for at least.   [Linux include/linux/fdtable.h, NR_OPEN_DEFAULT]
const TABLE: usize = 64;

/// A descriptor that is asked about, and for which of the three sets.
struct Asked {
    fd: usize,
    file: Rc<OpenFile>,
    sets: [bool; 3],
}

impl Kernel {
    /// `select` in all its forms. `sets` are those for reading, writing and exceptions; 0 stands for none.
    pub(super) fn select_files(
        &mut self,
        cx: &mut Cx<'_>,
        count: i32,
        sets: [u64; 3],
        deadline: Deadline,
    ) -> Outcome {
        let count = usize::try_from(count).map_err(|_| Errno::EINVAL)?;
        let table = cx.task.linux.files.clone();
        // Bits beyond the table are not looked at.   [Linux fs/select.c, core_sys_select]
        let count = count
            .min(table.borrow().capacity().max(TABLE))
            .min(NR_OPEN as usize);
        let word = cx.word();
        let bits = 8 * word as usize;
        let words = count.div_ceil(bits);
        let mut wanted: [Vec<u64>; 3] = [vec![0; words], vec![0; words], vec![0; words]];
        for (address, set) in sets.into_iter().zip(&mut wanted) {
            if address != 0 {
                for (index, value) in set.iter_mut().enumerate() {
                    *value = cx.read_word(address.wrapping_add(word * index as u64))?;
                }
            }
        }
        let mut asked = Vec::new();
        for fd in 0..count {
            let has = |set: &Vec<u64>| set[fd / bits] >> (fd % bits) & 1 != 0;
            let sets = [has(&wanted[0]), has(&wanted[1]), has(&wanted[2])];
            if sets.contains(&true) {
                let file = table.borrow().get(fd as i32).cloned()?;
                asked.push(Asked { fd, file, sets });
            }
        }
        let files: Vec<_> = asked
            .iter()
            .map(|asked| (asked.file.clone(), asked.sets[0]))
            .collect();
        let k = cx.k;
        let means = [
            k.POLLIN | k.POLLRDNORM | k.POLLRDBAND | k.POLLHUP | k.POLLERR,
            k.POLLOUT | k.POLLWRNORM | k.POLLWRBAND | k.POLLERR,
            k.POLLPRI,
        ];
        let mut found: [Vec<u64>; 3] = [vec![0; words], vec![0; words], vec![0; words]];
        let signals = cx.task.linux.waiting();
        let outcome = self.wait_for(cx, &files, deadline, |kernel| {
            let mut some = 0;
            for asked in &asked {
                let events = events_of(k, kernel.ready(&asked.file, signals));
                for ((found, means), wanted) in found.iter_mut().zip(means).zip(asked.sets) {
                    if wanted && events & means != 0 {
                        found[asked.fd / bits] |= 1 << (asked.fd % bits);
                        some += 1;
                    }
                }
            }
            some
        });
        if let Ok(_) | Err(Stop::Fail(_)) = &outcome {
            self.tell_left(cx, deadline);
        }
        let some = outcome?;
        for (address, set) in sets.into_iter().zip(&found) {
            if address != 0 {
                for (index, value) in set.iter().enumerate() {
                    cx.write_word(address.wrapping_add(word * index as u64), *value)?;
                }
            }
        }
        Ok(some)
    }
}
