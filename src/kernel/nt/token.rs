//! Who is the user?   [ntseapi.h, winnt.h: TOKEN_USER, SID]

use emu_prototypes::Stop;
use emu_prototypes::nt::{self, NtStatus, services};

use super::Outcome;
use crate::kernel::{Cx, Kernel};

/// `TokenUser`.
const USER: i32 = 1;
/// Handles that stand for the tokens of the process, of the thread, and of the one that counts.
/// [ntddk.h, NtCurrentProcessToken and following]
const PSEUDO: std::ops::RangeInclusive<i64> = -6..=-4;
/// S-1-5-21-0-0-0-1000: the first user of a machine without a name.
const SID: [u8; 28] = [
    1, 5, 0, 0, 0, 0, 0, 5, 21, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xe8, 3, 0, 0,
];

impl services::Security<Cx<'_>> for Kernel {
    fn nt_query_information_token(
        &mut self,
        cx: &mut Cx<'_>,
        call: &nt::NtQueryInformationToken,
    ) -> Outcome {
        let word = cx.word();
        let handle = match word {
            4 => i64::from(call.TokenHandle as u32 as i32),
            _ => call.TokenHandle as i64,
        };
        if call.TokenInformationClass != USER || !PSEUDO.contains(&handle) {
            return Err(Stop::Missing);
        }
        // The address of the SID and its attributes, then itself.
        let head = 2 * word;
        let size = head + SID.len() as u64;
        cx.returned_length(call.ReturnLength.address, size)?;
        if u64::from(call.TokenInformationLength) < size {
            return Err(NtStatus::BUFFER_TOO_SMALL.into());
        }
        let at = call.TokenInformation.address;
        let sid = at.wrapping_add(head);
        cx.write_word(at, sid)?;
        cx.write_word(at.wrapping_add(word), 0)?;
        cx.mem.write(sid, &SID)?;
        Ok(0)
    }
}
