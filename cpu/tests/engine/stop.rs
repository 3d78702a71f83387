//! Ending a run from another thread.

use std::time::{Duration, Instant};

use emu_cpu::{Arch, Exit};

use crate::machine::Machine;

#[test]
fn another_thread_can_end_an_endless_loop() {
    for arch in Arch::all() {
        let code = match arch {
            Arch::X86 | Arch::X86_64 => vec![0xeb, 0xfe],
            Arch::Arm => crate::machine::bytes(arch, &[0xeaff_fffe]),
            Arch::Arm64 => crate::machine::bytes(arch, &[0x1400_0000]),
            _ => crate::machine::bytes(arch, &[0x1000_ffff, 0]),
        };
        let mut machine = Machine::with(arch, &code);
        let handle = machine.cpu.stop_handle();
        let stopper = std::thread::spawn(move || {
            std::thread::sleep(Duration::from_millis(20));
            handle.stop();
        });
        let start = Instant::now();
        assert_eq!(machine.run(), Exit::Stopped, "{arch:?}");
        assert!(start.elapsed() < Duration::from_secs(5));
        stopper.join().unwrap();
        assert_eq!(machine.run(), Exit::Stopped, "for good");
    }
}

#[test]
fn a_stop_before_the_run_ends_it_at_once() {
    let mut machine = Machine::with(Arch::X86, &[0xeb, 0xfe]);
    machine.cpu.stop_handle().stop();
    assert_eq!(machine.run(), Exit::Stopped);
}

#[test]
fn a_handle_outlives_its_cpu_harmlessly() {
    let handle = Machine::new(Arch::Arm).cpu.stop_handle();
    handle.clone().stop();
    handle.stop();
}
