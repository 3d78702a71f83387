//! One closure for calls of every profile: what `hello` of each writes, whatever its numbers, registers and byte order, and
//! whether its operating system is Linux or a release of Windows.
//!
//!     cargo run --release --example every_profile

use std::cell::RefCell;
use std::rc::Rc;

use emu::profiles::{ALL, Os, Profile, usual};
use emu::prototypes::{Ptr, nt};
use emu::{Builder, Context, GuestSource, linux};

fn main() -> Result<(), emu::Error> {
    let written: Rc<RefCell<Vec<String>>> = Rc::default();
    let log = written.clone();
    let note = Rc::new(move |cx: &mut Context<'_>, buffer: Ptr<u8>, count: usize| {
        let text = cx
            .read_bytes(buffer, count)
            .unwrap_or_default()
            .escape_ascii()
            .to_string();
        let (name, entry, number) = (cx.profile().name, cx.entry().name, cx.number());
        log.borrow_mut()
            .push(format!("{name}: {entry} {number:#x} wrote \"{text}\""));
    });
    let windows = usual().filter(|profile| profile.system().os() == Os::Windows);
    for profile in ALL.iter().copied().chain(windows) {
        let mut emulator = Builder::new()
            .profile(profile)
            .guest(guest(profile))
            .build()?;
        // A type picks the call; each is registered on each profile, and is heard where there is such a call.
        let own = note.clone();
        emulator.on_enter(move |cx, call: &mut linux::Write| {
            own(cx, call.buf.cast(), call.count as usize);
            cx.answer(Ok(call.count));
        });
        let own = note.clone();
        emulator.on_enter(move |cx, call: &mut nt::NtWriteFile| {
            own(cx, call.Buffer, call.Length as usize);
            cx.answer(Ok(0));
        });
        emulator.run()?;
    }
    println!("{}", written.borrow().join("\n"));
    Ok(())
}

fn guest(profile: &Profile) -> GuestSource {
    let suffix = match profile.system().os() {
        Os::Windows => "exe",
        _ => "elf",
    };
    GuestSource::Host(format!("guest-images/{}/hello.{suffix}", profile.name).into())
}
