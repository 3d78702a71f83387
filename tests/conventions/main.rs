//! Prototypes at random, through guest code and back: every profile, every way to ask, every count and width of arguments.
//!
//! For each way there is machine code as compilers and C libraries write it (`x86.rs`, `x64.rs`, `arm.rs`, `arm64.rs`,
//! `mips.rs`), made from documents and not from our descriptors. It runs on the CPU up to the trap; the profile then reads
//! the arguments, which have to be those that the code was made for. A result is written, and the code behind the trap
//! stores what it sees. Where the guest goes on is what the profile says, too.
//!
//! `EMU_SEED=7 cargo test --test conventions` tries others than the usual ones.

mod arm;
mod arm64;
mod machine;
mod mips;
mod profiles;
mod prototype;
mod x64;
mod x86;

use emu_cpu::{Arch, Exit, GuestMemory, Trap, disasm};
use emu_profiles::ArgumentFault;
use emu_prototypes::{Args, MAX_ARGS, RowParam, Width};
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;

use machine::{CODE, DATA, Machine};
use profiles::{Back, OfProfile, Way, profiles};
use prototype::{Argument, Model, Prototype, WIDTHS};

/// What guest code does to ask in one way.
struct Template {
    /// How a failure names it.
    name: &'static str,
    /// The data model of the code.
    model: Model,
    /// How many words of arguments it passes at most.
    words: usize,
    /// How many of them an argument takes, from a given word on: paddings count.
    takes: fn(words: usize, argument: &Argument) -> usize,
    /// The code.
    code: fn(&mut Request) -> Code,
    /// How results come back.
    returns: Returns,
    /// Whether the number is an argument, and of which call.
    indirect: Option<u32>,
}

/// What a template is asked for.
struct Request<'a> {
    arch: Arch,
    number: u32,
    arguments: &'a [Argument],
    /// For what code is free to choose.
    rng: &'a mut ChaCha8Rng,
}

/// What a template makes.
struct Code {
    /// To be put at [`CODE`], which is where it starts.
    bytes: Vec<u8>,
    /// Words of 32 bits elsewhere.
    memory: Vec<(u64, u32)>,
    /// The trap that it asks by.
    trap: Trap,
    /// Where code is that the kernel goes on with in place of the next instruction.
    landing: Option<u64>,
}

/// How results come back, and what the code stores of them: the value at [`DATA`], a flag 8 and a second result 16 bytes
/// behind it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Returns {
    /// A register of 32 bits with the value or the negative error.
    Negative32,
    /// The same of 64 bits.
    Negative64,
    /// 32 bits: the value or the error, a flag that is 1 with an error, and a second result.
    Flag32,
    /// The same of 64 bits.
    Flag64,
    /// A status of 32 bits.
    Status32,
    /// A status in a register of 64 bits.
    Status64,
}

/// The templates of a way. There is none for a way that this test doesn't know.
fn templates(profile: &OfProfile, way: &str) -> Vec<Template> {
    let name = profile.name;
    let os = name.split('_').next().expect("there is a first part");
    match (os, profile.arch, way) {
        ("linux", Arch::X86, "int 0x80") => vec![x86::INT80],
        ("linux", Arch::X86, "sysenter") => vec![x86::SYSENTER],
        ("linux", Arch::X86, "syscall") => vec![x86::SYSCALL],
        ("linux", Arch::X86_64, "syscall") => vec![x64::LINUX],
        ("linux", Arch::X86_64, "int 0x80") => vec![x64::INT80],
        ("linux", Arch::Arm, "svc") => vec![arm::EABI, arm::EABI_THUMB],
        ("linux", Arch::Arm, "swi") => vec![arm::OABI],
        ("linux", Arch::Arm64, "svc") => vec![arm64::LINUX],
        ("linux", Arch::Mips | Arch::Mipsel, "syscall") => vec![mips::O32, mips::O32_INDIRECT],
        ("linux", Arch::Mips | Arch::Mipsel, "syscall in a delay slot") => {
            vec![mips::O32_IN_SLOT]
        }
        ("linux", Arch::Mips64 | Arch::Mips64el, "syscall") if name.contains("n32") => {
            vec![mips::N32]
        }
        ("linux", Arch::Mips64 | Arch::Mips64el, "syscall") => vec![mips::N64],
        ("linux", Arch::Mips64 | Arch::Mips64el, "syscall in a delay slot") => {
            match name.contains("n32") {
                true => vec![mips::N32_IN_SLOT],
                false => vec![mips::N64_IN_SLOT],
            }
        }
        ("freebsd", Arch::X86_64, "syscall") => vec![x64::FREEBSD],
        ("windows", Arch::X86, "sysenter") => vec![x86::NT_SYSENTER],
        ("windows", Arch::X86, "int 0x2e") => vec![x86::NT_INT2E, x86::NT_INT2E_SHARED],
        ("windows", Arch::X86_64, "syscall") => vec![x64::NT_SYSCALL, x64::NT_SYSCALL_CHOSEN],
        ("windows", Arch::X86_64, "int 0x2e") => vec![x64::NT_INT2E_CHOSEN],
        _ => panic!("{name}: this test has no code that asks by `{way}`"),
    }
}

/// Prototypes of `arch` with each count of arguments, and each width at each place of them, several times with others
/// around it. Conventions that several profiles share get all of that once, and some of it for each profile. Short
/// prototypes come first, so that the first failure is a short one.
fn check(arch: Arch) {
    let seed: u64 = std::env::var("EMU_SEED").map_or(0, |seed| seed.parse().expect("a number"));
    let mut machine = Machine::new(arch);
    let mut known = Vec::new();
    let mut cases = 0;
    for profile in profiles().iter().filter(|profile| profile.arch == arch) {
        for way in &profile.ways {
            let convention = format!("{} {:?}", way.name, way.abi);
            let first = !known.contains(&convention);
            known.push(convention);
            for template in templates(profile, way.name) {
                for (count, place, width) in wishes(&template, first) {
                    let mut rng = ChaCha8Rng::seed_from_u64(seed << 32 | cases);
                    let wish = (place, width);
                    let prototype =
                        Prototype::random(&mut rng, (seed, cases), &template, count, wish);
                    round(&mut machine, profile, way, &template, prototype, &mut rng);
                    cases += 1;
                }
            }
        }
    }
    println!("{arch:?}: {cases} calls");
    assert!(cases > 500, "{arch:?}: {cases}");
}

/// How many arguments, and which of them shall have which width.
fn wishes(template: &Template, all: bool) -> Vec<(usize, usize, Width)> {
    let mut wishes = Vec::new();
    for count in 0..=template.words.min(MAX_ARGS) {
        let (places, times) = if all { (count, 4) } else { (1, 1) };
        for place in 0..places.max(1) {
            for width in WIDTHS {
                wishes.extend([(count, place, width); 4].iter().take(times));
            }
        }
    }
    wishes
}

/// One call, there and back.
fn round(
    machine: &mut Machine,
    profile: &OfProfile,
    way: &Way,
    template: &Template,
    prototype: Prototype,
    rng: &mut ChaCha8Rng,
) {
    let code = (template.code)(&mut Request {
        arch: profile.arch,
        number: prototype.number,
        arguments: &prototype.arguments,
        rng,
    });
    let failed = |what: String| -> ! {
        let lines = disasm::disassemble(profile.arch, false, CODE, &code.bytes, 1000);
        let lines = lines
            .iter()
            .map(|insn| format!("{:#x}  {}\n", insn.address, insn.text));
        panic!(
            "{} by {}, {}: {what}\nEMU_SEED={}, call {}\nasked: {prototype}\n{}",
            profile.name,
            way.name,
            template.name,
            prototype.seed.0,
            prototype.seed.1,
            lines.collect::<String>()
        );
    };

    let stack = machine.start(rng, prototype.stack(template.model), &code);
    let exit = machine.run();
    let Exit::Trap { trap, pc, next } = exit else {
        failed(format!("ended with {exit:?} at {:#x}", machine.cpu.pc()));
    };
    // The first way that takes a trap is the one that the emulator goes by.
    let taken = profile.ways.iter().find(|way| way.takes(trap));
    let taken = taken.map(|way| way.name);
    if trap != code.trap || taken != Some(way.name) {
        failed(format!("trapped by {trap:?}, taken by {taken:?}"));
    }
    let (number, arguments, fault) = read(machine, way, template, &prototype, trap);
    if number != Some(prototype.number) || fault.is_some() {
        failed(format!("number {number:x?}, fault {fault:?}"));
    }
    let wrong = prototype
        .arguments
        .iter()
        .zip(arguments)
        .find(|(asked, got)| asked.value != *got);
    if let Some((asked, got)) = wrong {
        failed(format!("{:?} became {got:#x}", asked));
    }

    let result = prototype.result;
    way.abi.write_result(&mut *machine.cpu, result);
    if let Some(second) = way.abi.second_result() {
        machine.cpu.set_reg(second, prototype.second);
    }
    match way.back {
        Back::Next => {}
        Back::Again => {
            machine.cpu.set_pc(pc);
            let again = machine.run();
            let trap = Trap::Syscall;
            let next = pc + 4;
            if again != (Exit::Trap { trap, pc, next }) {
                failed(format!("the instruction once more ended with {again:?}"));
            }
        }
        Back::Landing { stack } => {
            let Some(landing) = code.landing else {
                failed(format!("goes on at a landing and not at {next:#x}"));
            };
            if let Some(stack) = stack {
                let sp = machine.cpu.reg(stack);
                machine.cpu.set_sp(sp);
            }
            machine.cpu.set_pc(landing);
        }
        Back::Stored { at, stack } => {
            let sp = machine.cpu.reg(stack);
            machine.cpu.set_sp(sp);
            let to = machine.space.read_u32(at).expect("the page is there");
            machine.cpu.set_pc(u64::from(to));
        }
    }
    let exit = machine.run();
    if !matches!(exit, Exit::Trap { .. }) {
        failed(format!("went on to {exit:?} at {:#x}", machine.cpu.pc()));
    }
    if machine.cpu.sp() != stack {
        failed(format!("stack at {:#x}, was {stack:#x}", machine.cpu.sp()));
    }
    let expected = seen(template.returns, result, prototype.second);
    let found = stored(machine, template.returns);
    if found != expected {
        failed(format!(
            "sees {found:x?} of {result:x?}, should {expected:x?}"
        ));
    }
}

/// Number and arguments as the profile has them.
fn read(
    machine: &mut Machine,
    way: &Way,
    template: &Template,
    prototype: &Prototype,
    trap: Trap,
) -> (Option<u32>, Vec<u64>, Option<ArgumentFault>) {
    let Machine { cpu, space, .. } = machine;
    let mut number = Some(way.number(&**cpu, trap));
    let mut first = 0;
    if template.indirect.is_some() {
        let outer = number.filter(|outer| way.indirect == Some(*outer));
        let inner = way
            .abi
            .read_slot(&**cpu, space, 0)
            .expect("it is in a register");
        number = outer.and(u32::try_from(inner).ok());
        first = 1;
    }
    let params: Vec<RowParam> = prototype.params();
    let (args, fault): (Args, _) = way.abi.read_args(&**cpu, space, &params, first);
    let of = |param: &RowParam| args[usize::from(param.field)];
    (number, params.iter().map(of).collect(), fault)
}

/// What the code has stored: the value, the flag, the second result.
fn stored(machine: &mut Machine, returns: Returns) -> Vec<u64> {
    let mut word = |at: u64| match returns {
        Returns::Negative32 | Returns::Flag32 | Returns::Status32 => {
            machine.space.read_u32(DATA + at).map(u64::from)
        }
        _ => machine.space.read_u64(DATA + at),
    };
    let places: &[u64] = match returns {
        Returns::Flag32 | Returns::Flag64 => &[0, 8, 16],
        _ => &[0],
    };
    places
        .iter()
        .map(|at| word(*at).expect("it is mapped"))
        .collect()
}

/// What it should have stored.
fn seen(returns: Returns, result: Result<u64, u16>, second: u64) -> Vec<u64> {
    let low = |value: u64| value & 0xffff_ffff;
    let negative = |error: u16| u64::MAX - u64::from(error) + 1;
    match (returns, result) {
        (Returns::Negative32, Ok(value)) => vec![low(value)],
        (Returns::Negative32, Err(error)) => vec![low(negative(error))],
        (Returns::Negative64, Ok(value)) => vec![value],
        (Returns::Negative64, Err(error)) => vec![negative(error)],
        (Returns::Flag32, Ok(value)) => vec![low(value), 0, low(second)],
        (Returns::Flag32, Err(error)) => vec![u64::from(error), 1, low(second)],
        (Returns::Flag64, Ok(value)) => vec![value, 0, second],
        (Returns::Flag64, Err(error)) => vec![u64::from(error), 1, second],
        (Returns::Status32 | Returns::Status64, Ok(status)) => vec![low(status)],
        (Returns::Status32 | Returns::Status64, Err(status)) => vec![u64::from(status)],
    }
}

#[test]
fn x86() {
    check(Arch::X86);
}

#[test]
fn x86_64() {
    check(Arch::X86_64);
}

#[test]
fn arm() {
    check(Arch::Arm);
}

#[test]
fn arm64() {
    check(Arch::Arm64);
}

#[test]
fn mips() {
    check(Arch::Mips);
}

#[test]
fn mipsel() {
    check(Arch::Mipsel);
}

#[test]
fn mips64() {
    check(Arch::Mips64);
}

#[test]
fn mips64el() {
    check(Arch::Mips64el);
}

#[test]
fn every_call_of_every_profile_fits_into_the_words_of_its_ways() {
    for profile in profiles() {
        for way in &profile.ways {
            for template in templates(&profile, way.name) {
                for row in way.table().rows {
                    let mut words = 0;
                    for param in row.params {
                        let argument = Argument::of(param.width, template.model);
                        words += (template.takes)(words, &argument);
                    }
                    let most = way.abi.slots.len() - usize::from(template.indirect.is_some());
                    assert!(
                        words <= most,
                        "{} {}: {words} words",
                        profile.name,
                        row.name
                    );
                }
            }
        }
    }
}
