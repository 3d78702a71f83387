//! Any registers and any memory give some line: the decoder neither panics nor writes without end.

use emu_prototypes::Meaning;
use emu_prototypes::linux::{self, Abi, Errno, id};

use super::settings::{Constants, Descriptors, Settings, Strings};
use super::tests::{Case, case};
use crate::sink::Filter;

/// How often each call of each ABI is asked with other arguments.
const ROUNDS: u64 = 24;
/// What a line may be long at most when strings are cut at eight bytes: paths and arrays of them are the longest.
const LONGEST: usize = 60_000;
/// The same when arrays are whole, and each byte may take four.
const LONGEST_OF_ALL: usize = 8 << 20;

/// Places: noise, words that point to places, ones, and the end of what is mapped.
const NOISE: u64 = 0x1_0000;
const POINTERS: u64 = 0x2_0000;
const ONES: u64 = 0x3_0000;
const SIZE: u64 = 8192;

/// Numbers from a seed.   [G. Marsaglia, Xorshift RNGs]
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    fn below(&mut self, limit: u64) -> u64 {
        self.next() % limit
    }

    /// A number that calls take for something.
    fn word(&mut self) -> u64 {
        match self.below(10) {
            0 => NOISE,
            1 => NOISE + self.below(SIZE),
            2 => POINTERS + 8 * self.below(SIZE / 8),
            3 => POINTERS + self.below(SIZE),
            4 => ONES + self.below(SIZE + 16),
            5 => self.next(),
            6 => self.below(64),
            7 => u64::MAX - self.below(64),
            8 => 1 << self.below(64),
            _ => 0,
        }
    }
}

/// A value that an argument has a name for, so that what hangs on it is reached.
fn named(abi: &'static Abi, call: u16, field: usize, random: &mut Random) -> Option<u64> {
    let group = match linux::CALLS[usize::from(call)].params[field].meaning {
        Meaning::Enum(group) | Meaning::Flags(group) => group,
        Meaning::IoctlCommand => "ioctl",
        Meaning::FcntlCommand => "fcntl",
        Meaning::FutexOp => "futex",
        _ if (call, field) == (id::SETSOCKOPT, 2) => "socket_option",
        _ => return None,
    };
    let members = abi.group(group)?;
    let (_, value) = members.get(random.below(members.len().max(1) as u64) as usize)?;
    Some(*value)
}

fn memory(case: Case, random: &mut Random) -> Case {
    let bytes = |random: &mut Random| (0..SIZE).map(|_| (random.next() >> 32) as u8).collect();
    let noise: Vec<u8> = bytes(random);
    let word = if case.abi.model == emu_prototypes::DataModel::Ilp32 {
        4
    } else {
        8
    };
    let words: Vec<(u8, u64)> = (0..SIZE / u64::from(word))
        .map(|_| (word, random.word()))
        .collect();
    case.bytes(NOISE, &noise)
        .numbers(POINTERS, &words)
        .bytes(ONES, &[0xff; SIZE as usize])
}

#[test]
fn nonsense_is_shown_as_well_as_can_be() {
    check(Settings::from(8), ROUNDS, LONGEST);
}

#[test]
fn nonsense_is_shown_whole_and_in_hexadecimal() {
    let mut settings = Settings::from(8);
    settings.abbreviated = Filter::none();
    settings.strings = Strings::Hex;
    settings.constants = Constants::Both;
    settings.descriptors = Descriptors::Details;
    check(settings, ROUNDS / 4, LONGEST_OF_ALL);
}

#[test]
fn nonsense_is_shown_in_numbers() {
    let mut settings = Settings::from(8);
    settings.strings = Strings::NonAscii;
    settings.constants = Constants::Numbers;
    settings.looked_into = Filter::parse("%file").expect("it is a set");
    settings.raw = Filter::parse("%network").expect("it is a set");
    check(settings, ROUNDS / 4, LONGEST);
}

fn check(settings: Settings, rounds: u64, longest: usize) {
    let mut random = Random(0x9e37_79b9_7f4a_7c15);
    for abi in linux::ABIS {
        let mut case = memory(case(abi, "", &[]), &mut random).settings(settings.clone());
        for row in abi.table.rows {
            case.name = row.name;
            for _ in 0..rounds {
                for (field, arg) in case.args.iter_mut().enumerate() {
                    let known = field < linux::CALLS[usize::from(row.call)].params.len();
                    *arg = match random.below(3) {
                        0 if known => named(abi, row.call, field, &mut random),
                        _ => None,
                    }
                    .unwrap_or_else(|| random.word());
                }
                let result = match random.below(4) {
                    0 => Ok(random.below(4096)),
                    1 => Ok(random.next()),
                    2 => Ok(random.below(3)),
                    _ => Err(Errno::EINVAL),
                };
                let text = case.text(result);
                assert!(
                    text.is_ascii() && text.len() < longest,
                    "{} {}{:x?}: {} bytes: {text}",
                    abi.name,
                    row.name,
                    case.args,
                    text.len()
                );
            }
        }
    }
}
