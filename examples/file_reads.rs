//! A monitor of what a guest reads from files: path, and the bytes that came.
//!
//!     cargo run --release --example file_reads -- GUEST [ARGS]...

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

use emu::{Builder, GuestSource, linux};

fn main() -> Result<(), emu::Error> {
    let mut words = std::env::args().skip(1);
    let guest = words.next().expect("usage: file_reads GUEST [ARGS]...");
    let mut emulator = Builder::new()
        .guest(GuestSource::Host(guest.into()))
        .args(words)
        .build()?;
    let totals: Rc<RefCell<BTreeMap<String, u64>>> = Rc::default();
    let seen = totals.clone();
    emulator.on_exit(move |cx, call: &linux::Read, ret| {
        let (Ok(count), Some(path)) = (*ret, cx.path_of(call.fd as i32)) else {
            return;
        };
        let path = String::from_utf8_lossy(&path).into_owned();
        let start = cx.read_bytes(call.buf, count.min(16) as usize);
        let start = start.unwrap_or_default();
        println!("{path}: {count} bytes, \"{}\"", start.escape_ascii());
        *seen.borrow_mut().entry(path).or_default() += count;
    });
    emulator.run()?;
    for (path, total) in totals.borrow().iter() {
        println!("{path}: {total} bytes in all");
    }
    Ok(())
}
