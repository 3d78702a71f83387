//! What does a filter say of a call? Classic BPF over `struct seccomp_data`.   [seccomp(2); Linux net/core/filter.c,
//! bpf_check_classic; kernel/seccomp.c, seccomp_check_filter]

/// Instructions of a program at most.   [Linux include/uapi/linux/bpf_common.h, BPF_MAXINSNS]
pub(super) const MOST: usize = 4096;
/// Words of a program's own memory.   [Linux include/uapi/linux/filter.h, BPF_MEMWORDS]
const WORDS: usize = 16;
/// Size of what a program looks at.   [Linux include/uapi/linux/seccomp.h, struct seccomp_data]
const DATA: u32 = 64;

// [Linux include/uapi/linux/bpf_common.h]
const LD: u16 = 0;
const LDX: u16 = 1;
const ST: u16 = 2;
const STX: u16 = 3;
const ALU: u16 = 4;
const JMP: u16 = 5;
const RET: u16 = 6;
const MISC: u16 = 7;
const IMM: u16 = 0;
const ABS: u16 = 0x20;
const MEM: u16 = 0x60;
const LEN: u16 = 0x80;
const X: u16 = 8;
const BY_A: u16 = 0x10;
const TAX: u16 = MISC;
const TXA: u16 = MISC | 0x80;
const DIV: u16 = 0x30;
const LSH: u16 = 0x60;
const RSH: u16 = 0x70;
const NEG: u16 = 0x80;

/// An instruction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Step {
    pub(super) code: u16,
    pub(super) if_true: u8,
    pub(super) if_false: u8,
    pub(super) k: u32,
}

/// A program that was looked at: it ends, and touches nothing that is not there.
#[derive(Debug)]
pub(super) struct Program(Vec<Step>);

impl Program {
    /// `None` for what no filter may be.
    pub(super) fn check(steps: Vec<Step>) -> Option<Program> {
        let len = steps.len();
        if len == 0 || len > MOST {
            return None;
        }
        // Words that have been written on every way to an instruction.
        let mut written = vec![u16::MAX; len];
        let mut now = 0u16;
        for (at, step) in steps.iter().enumerate() {
            now &= written[at];
            let target = |distance: u32| {
                let target = (at as u64) + 1 + u64::from(distance);
                usize::try_from(target).ok().filter(|target| *target < len)
            };
            let word = usize::try_from(step.k).ok().filter(|word| *word < WORDS);
            let class = step.code & 7;
            match step.code {
                code if code == LD | ABS => {
                    if step.k >= DATA || !step.k.is_multiple_of(4) {
                        return None;
                    }
                }
                code if [LD | LEN, LDX | LEN, LD | IMM, LDX | IMM, TAX, TXA].contains(&code) => {}
                code if code == LD | MEM || code == LDX | MEM => {
                    if now & 1 << word? == 0 {
                        return None;
                    }
                }
                ST | STX => now |= 1 << word?,
                code if code == RET || code == RET | BY_A => {}
                code if code == JMP => {
                    written[target(step.k)?] &= now;
                    now = u16::MAX;
                }
                // JEQ, JGT, JGE, JSET, each with K and with X.
                code if class == JMP && matches!(code & 0xf0, 0x10..=0x40) && code & !0xff == 0 => {
                    written[target(step.if_true.into())?] &= now;
                    written[target(step.if_false.into())?] &= now;
                    now = u16::MAX;
                }
                code if class == ALU && code & !0xff == 0 => {
                    let (operation, by_x) = (code & 0xf0, code & X != 0);
                    let known = operation <= NEG || operation == 0xa0;
                    let by_zero = operation == DIV && !by_x && step.k == 0;
                    let too_far = [LSH, RSH].contains(&operation) && !by_x && step.k >= 32;
                    if !known || by_zero || too_far || operation == NEG && by_x {
                        return None;
                    }
                }
                _ => return None,
            }
        }
        let last = steps.last()?.code;
        (last == RET || last == RET | BY_A).then_some(Program(steps))
    }

    /// How many instructions it has.
    pub(super) fn len(&self) -> usize {
        self.0.len()
    }

    /// Its answer. `data` is `struct seccomp_data` in words of 32 bits.
    pub(super) fn run(&self, data: &[u32; DATA as usize / 4]) -> u32 {
        let (mut a, mut x) = (0u32, 0u32);
        let mut words = [0u32; WORDS];
        let mut at = 0;
        // It only goes forwards.
        while let Some(step) = self.0.get(at) {
            at += 1;
            let k = step.k;
            let word = k as usize % WORDS;
            match step.code {
                code if code == LD | ABS => a = data[k as usize / 4 % data.len()],
                code if code == LD | LEN => a = DATA,
                code if code == LDX | LEN => x = DATA,
                code if code == LD | IMM => a = k,
                code if code == LDX | IMM => x = k,
                code if code == LD | MEM => a = words[word],
                code if code == LDX | MEM => x = words[word],
                ST => words[word] = a,
                STX => words[word] = x,
                TAX => x = a,
                TXA => a = x,
                RET => return k,
                code if code == RET | BY_A => return a,
                code if code & 7 == JMP => {
                    let other = if code & X != 0 { x } else { k };
                    let distance = match code & 0xf0 {
                        0 => k,
                        0x10 if a == other => step.if_true.into(),
                        0x20 if a > other => step.if_true.into(),
                        0x30 if a >= other => step.if_true.into(),
                        0x40 if a & other != 0 => step.if_true.into(),
                        _ => step.if_false.into(),
                    };
                    at += distance as usize;
                }
                code => {
                    let other = if code & X != 0 { x } else { k };
                    a = match code & 0xf0 {
                        0 => a.wrapping_add(other),
                        0x10 => a.wrapping_sub(other),
                        0x20 => a.wrapping_mul(other),
                        DIV => match a.checked_div(other) {
                            Some(value) => value,
                            None => return 0,
                        },
                        0x40 => a | other,
                        0x50 => a & other,
                        LSH => a.wrapping_shl(other),
                        RSH => a.wrapping_shr(other),
                        NEG => a.wrapping_neg(),
                        _ => a ^ other,
                    };
                }
            }
        }
        0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn step(code: u16, if_true: u8, if_false: u8, k: u32) -> Step {
        Step {
            code,
            if_true,
            if_false,
            k,
        }
    }

    #[test]
    fn a_program_chooses_by_what_it_loads() {
        let program = vec![
            step(LD | ABS, 0, 0, 0),
            step(JMP | 0x10, 0, 1, 39),
            step(RET, 0, 0, 0x5_0001),
            step(RET, 0, 0, 0x7fff_0000),
        ];
        let program = Program::check(program).expect("it is one");
        let mut data = [0; 16];
        assert_eq!(program.run(&data), 0x7fff_0000);
        data[0] = 39;
        assert_eq!(program.run(&data), 0x5_0001);
    }

    #[test]
    fn what_can_go_wrong_is_no_program() {
        let end = step(RET, 0, 0, 0);
        let bad = |first: Step| assert!(Program::check(vec![first, end]).is_none(), "{first:?}");
        bad(step(LD | ABS, 0, 0, 64));
        bad(step(LD | ABS, 0, 0, 2));
        bad(step(LD | MEM, 0, 0, 0));
        bad(step(ST, 0, 0, 16));
        bad(step(JMP, 0, 0, 1));
        bad(step(JMP | 0x10, 0, 1, 0));
        bad(step(ALU | DIV, 0, 0, 0));
        bad(step(ALU | 0x90, 0, 0, 1));
        bad(step(ALU | LSH, 0, 0, 32));
        bad(step(0xffff, 0, 0, 0));
        assert!(
            Program::check(vec![step(ST, 0, 0, 0)]).is_none(),
            "it has no end"
        );
        assert!(Program::check(Vec::new()).is_none());
        let ways = vec![
            step(JMP | 0x10, 1, 0, 0),
            step(ST, 0, 0, 3),
            step(LD | MEM, 0, 0, 3),
            end,
        ];
        assert!(Program::check(ways).is_none(), "one way has not written it");
    }
}
