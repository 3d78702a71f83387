//! A minimal tracer: every call with its name, arguments as numbers, and its result.
//!
//!     cargo run --release --example tracer -- guest-images/linux_arm/hello.elf

use emu::{Builder, GuestSource};

fn main() -> Result<(), emu::Error> {
    let mut words = std::env::args().skip(1);
    let guest = words.next().expect("usage: tracer GUEST [ARGS]...");
    let mut emulator = Builder::new()
        .guest(GuestSource::Host(guest.into()))
        .args(words)
        .build()?;
    emulator.on_any_enter(|cx, call| {
        let params = call.info.params.iter().zip(call.args.iter());
        let args: Vec<String> = params
            .map(|(param, value)| format!("{}={value:#x}", param.name))
            .collect();
        println!("{} {}({})", cx.task(), call.info.name, args.join(", "));
    });
    emulator.on_any_exit(|cx, call, ret| match ret {
        Ok(value) => println!("{} {} = {value:#x}", cx.task(), call.info.name),
        Err(errno) => println!("{} {} = {}", cx.task(), call.info.name, errno.name()),
    });
    let status = emulator.run()?;
    println!("status {}", status.code());
    Ok(())
}
