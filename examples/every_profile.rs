//! One callback for every profile: what `hello.elf` of each writes, whatever its number, registers and byte order.
//!
//!     cargo run --release --example every_profile

use std::cell::RefCell;
use std::rc::Rc;

use emu::profiles::ALL;
use emu::{Builder, GuestSource, linux};

fn main() -> Result<(), emu::Error> {
    let written: Rc<RefCell<Vec<String>>> = Rc::default();
    for profile in ALL {
        let guest = format!("guest-images/{}/hello.elf", profile.name);
        let mut emulator = Builder::new()
            .guest(GuestSource::Host(guest.into()))
            .build()?;
        let seen = written.clone();
        emulator.on_enter(move |cx, call: &mut linux::Write| {
            let bytes = cx.read_bytes(call.buf, call.count as usize);
            let text = bytes.unwrap_or_default().escape_ascii().to_string();
            let (number, entry) = (cx.number(), cx.entry().name);
            let name = cx.profile().name;
            seen.borrow_mut()
                .push(format!("{name}: {entry} {number} wrote \"{text}\""));
            cx.answer(Ok(call.count));
        });
        emulator.run()?;
    }
    println!("{}", written.borrow().join("\n"));
    Ok(())
}
