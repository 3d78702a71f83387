//! What is damaged is read or refused, and nothing else.

use std::io::{Read, Write};
use std::path::Path;

use lz4_flex::frame::{FrameDecoder, FrameEncoder};

use super::{BinarySink, MAGIC};
use crate::show::replay_from;
use crate::sink::{Descriptors, Filter, JsonSink, Output, Settings, Sink, TextSink};
use crate::{Builder, GuestSource};

/// Guests whose traces have events of all kinds.
const GUESTS: [&str; 5] = [
    "linux_x86/hello.elf",
    "linux_mips/pipe_v1.elf",
    "windows_7_x64/fault.exe",
    "linux_arm/fault.elf",
    "freebsd_x64/errno.elf",
];

fn settings() -> Settings {
    Settings {
        descriptors: Descriptors::Details,
        ..Settings::default()
    }
}

fn sinks() -> [Box<dyn Sink>; 2] {
    let text = TextSink::new(Output::nowhere(), Filter::all(), settings());
    let json = JsonSink::new(Output::nowhere(), Filter::all(), settings());
    [Box::new(text), Box::new(json)]
}

/// The records of a guest's trace.
fn records(guest: &str) -> Vec<u8> {
    let folder = tempfile::tempdir().expect("there is room");
    let file = folder.path().join("trace");
    let output = Output::binary(&file).expect("there is room");
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("guest-images")
        .join(guest);
    let (profile, _) = guest.split_once('/').expect("it is in a folder");
    let mut emulator = Builder::new()
        .guest(GuestSource::Host(path))
        .profile(emu_profiles::by_name(profile).expect("it is named after it"))
        .sink(Box::new(BinarySink::new(output, sinks().into())))
        .build()
        .expect("the guest can be loaded");
    emulator.run().expect("the guest can be run");
    drop(emulator);
    let trace = std::fs::read(&file).expect("it was written");
    let mut records = Vec::new();
    FrameDecoder::new(&trace[MAGIC.len()..])
        .read_to_end(&mut records)
        .expect("it is a frame");
    records
}

fn replayed(records: &[u8]) -> Result<(), crate::Error> {
    let mut trace = MAGIC.to_vec();
    let mut packed = FrameEncoder::new(&mut trace);
    packed.write_all(records).expect("it goes to memory");
    packed.finish().expect("it goes to memory");
    replay_from("a trace", &trace[..], None, &mut sinks())
}

#[test]
fn damaged_records_are_read_or_refused() {
    let mut seed = 0x9e37_79b9_7f4a_7c15u64;
    let mut next = |below: usize| {
        seed ^= seed << 13;
        seed ^= seed >> 7;
        seed ^= seed << 17;
        (seed % below as u64) as usize
    };
    let mut refused = 0;
    for guest in GUESTS {
        let records = records(guest);
        replayed(&records).expect("it is whole");
        for _ in 0..3_000 {
            let mut damaged = records.clone();
            for _ in 0..=next(4) {
                let at = next(damaged.len().max(1));
                if damaged.is_empty() {
                    break;
                }
                match next(4) {
                    0 => damaged[at] ^= 1 << next(8),
                    1 => damaged[at] = [0, 0xff, 0x7f, 0x80][next(4)],
                    2 => drop(damaged.remove(at)),
                    _ => damaged.truncate(at.max(1)),
                }
            }
            refused += usize::from(replayed(&damaged).is_err());
        }
    }
    assert!(refused > 5_000, "only {refused} were refused");
}

/// A length says how many bytes come, not how much memory is taken before they have come.
#[test]
fn a_length_alone_takes_no_memory() {
    // A note with the ABI 0, 4 bytes a pointer, epoch and time 0, and a gigabyte of text.
    let mut records = vec![9 | super::WORLD, 0, 4 << 2, 0, 0];
    super::wire::put(&mut records, super::LONGEST);
    let error = replayed(&records).expect_err("nothing follows");
    assert_eq!(
        error.to_string(),
        "a trace: the trace is cut behind 0 events"
    );
}
