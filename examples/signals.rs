//! A log of signals: who got which, with what code, and where it was.
//!
//!     cargo run --release --example signals -- guest-images/linux_mips/fault.elf

use std::io;

use emu::event::Event;
use emu::prototypes::CallInfo;
use emu::sink::Sink;
use emu::view::View;
use emu::{Builder, GuestSource};

struct Log;

impl Sink for Log {
    fn wants(&self, _: Option<&'static CallInfo>) -> bool {
        false
    }

    fn event(&mut self, event: &Event<'_>, _: &mut View<'_>) -> io::Result<()> {
        match event {
            Event::Signal { task, info, pc } => {
                let about = match (info.address, info.sender) {
                    (Some(address), _) => format!("about {address:#x}"),
                    (None, Some((pid, _))) => format!("from {pid}"),
                    (None, None) => String::new(),
                };
                println!("{task} {} code {} at {pc:#x} {about}", info.name, info.code);
            }
            Event::Stopped { task, signal } => println!("{task} stopped by {signal}"),
            _ => {}
        }
        Ok(())
    }

    fn finish(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn main() -> Result<(), emu::Error> {
    let mut words = std::env::args().skip(1);
    let guest = words.next().expect("usage: signals GUEST [ARGS]...");
    let builder = Builder::new().guest(GuestSource::Host(guest.into()));
    let status = builder.args(words).sink(Box::new(Log)).build()?.run()?;
    println!("status {}", status.code());
    Ok(())
}
