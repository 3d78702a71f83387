//! Who is the user, and what may that one do?   [ntseapi.h, winnt.h: TOKEN_INFORMATION_CLASS]

mod check;
mod information;
mod privileges;

pub(super) use information::{
    ADMINISTRATORS, GROUP, Sid, bytes as sid_bytes, default_dacl, is_own, may_own, user,
};
pub(super) use privileges::privilege;

use std::cell::RefCell;
use std::rc::Rc;

use emu_cpu::GuestMemory;
use emu_prototypes::nt::{self, NtStatus, services};

use super::Outcome;
use super::handles::Object;
use super::named::Wish;
use crate::kernel::task::Tid;
use crate::kernel::{Cx, Kernel};

/// Handles that stand for the tokens of the process, of the thread, and of the one that counts.
/// [ntddk.h, NtCurrentProcessToken and following]
const PROCESS: i64 = -4;
const THREAD: i64 = -5;
const EFFECTIVE: i64 = -6;

/// `TOKEN_TYPE`.
const PRIMARY: i32 = 1;
const IMPERSONATION: i32 = 2;
/// `SECURITY_IMPERSONATION_LEVEL`: the level of one that is copied without a wish, and the highest.
const ANONYMOUS: u32 = 0;
const DELEGATION: u32 = 3;
/// `SecurityImpersonation`.
const IMPERSONATES: u32 = 2;

/// Who acts, and with which rights: the user's own, who is an administrator.
#[derive(Debug)]
pub(super) struct Token {
    /// A number of its own.
    id: u32,
    /// `TokenPrimary` or `TokenImpersonation`, and then how far it goes.
    kind: i32,
    level: u32,
    /// Privileges by their numbers, and their attributes.
    privileges: RefCell<Vec<(u32, u32)>>,
}

impl services::Security<Cx<'_>> for Kernel {
    fn nt_open_process_token(&mut self, cx: &mut Cx<'_>, call: &nt::NtOpenProcessToken) -> Outcome {
        let wish = (call.TokenHandle.address, call.DesiredAccess);
        self.open_process_token(cx, call.ProcessHandle, wish)
    }

    fn nt_open_process_token_ex(
        &mut self,
        cx: &mut Cx<'_>,
        call: &nt::NtOpenProcessTokenEx,
    ) -> Outcome {
        let wish = (call.TokenHandle.address, call.DesiredAccess);
        self.open_process_token(cx, call.ProcessHandle, wish)
    }

    fn nt_open_thread_token(&mut self, cx: &mut Cx<'_>, call: &nt::NtOpenThreadToken) -> Outcome {
        self.open_thread_token(cx, call.ThreadHandle, call.TokenHandle.address)
    }

    fn nt_open_thread_token_ex(
        &mut self,
        cx: &mut Cx<'_>,
        call: &nt::NtOpenThreadTokenEx,
    ) -> Outcome {
        self.open_thread_token(cx, call.ThreadHandle, call.TokenHandle.address)
    }

    fn nt_query_information_token(
        &mut self,
        cx: &mut Cx<'_>,
        call: &nt::NtQueryInformationToken,
    ) -> Outcome {
        let token = self.token(cx, call.TokenHandle)?;
        information::query(cx, &token, call)
    }

    fn nt_duplicate_token(&mut self, cx: &mut Cx<'_>, call: &nt::NtDuplicateToken) -> Outcome {
        let token = self.token(cx, call.ExistingTokenHandle)?;
        if !matches!(call.Type, PRIMARY | IMPERSONATION) {
            return Err(NtStatus::INVALID_PARAMETER.into());
        }
        // Wine's libraries pass the level where Windows's say whether only what is enabled is copied.   [Wine's ntdll]
        let wines = cx.is_wine().then_some(u32::from(call.EffectiveOnly));
        let asked = quality(cx, call.ObjectAttributes.address)?.or(wines);
        let level = asked.unwrap_or(match token.kind {
            PRIMARY => ANONYMOUS,
            _ => token.level,
        });
        if level > DELEGATION || token.kind == IMPERSONATION && level > token.level {
            return Err(NtStatus::BAD_IMPERSONATION_LEVEL.into());
        }
        let id = self.luid();
        let copy = Token {
            id,
            kind: call.Type,
            level,
            privileges: token.privileges.clone(),
        };
        self.nt_give(
            cx,
            (call.NewTokenHandle.address, call.ObjectAttributes.address),
            Object::Token(Rc::new(copy)),
        )?;
        Ok(0)
    }

    fn nt_adjust_privileges_token(
        &mut self,
        cx: &mut Cx<'_>,
        call: &nt::NtAdjustPrivilegesToken,
    ) -> Outcome {
        let token = self.token(cx, call.TokenHandle)?;
        privileges::adjust(cx, &token, call)
    }

    fn nt_access_check(&mut self, cx: &mut Cx<'_>, call: &nt::NtAccessCheck) -> Outcome {
        let token = self.token(cx, call.ClientToken)?;
        check::check(cx, &token, call)
    }

    fn nt_privilege_check(&mut self, cx: &mut Cx<'_>, call: &nt::NtPrivilegeCheck) -> Outcome {
        let token = self.token(cx, call.ClientToken)?;
        privileges::check(cx, &token, call)
    }
}

/// The level of a `SECURITY_QUALITY_OF_SERVICE` behind an `OBJECT_ATTRIBUTES`.
fn quality(cx: &mut Cx<'_>, attributes: u64) -> Result<Option<u32>, NtStatus> {
    if attributes == 0 {
        return Ok(None);
    }
    let word = cx.word();
    match cx.read_word(attributes.wrapping_add(5 * word))? {
        0 => Ok(None),
        at => Ok(Some(cx.mem.read_u32(at.wrapping_add(4))?)),
    }
}

impl Kernel {
    /// A number that nothing else has.
    pub(super) fn luid(&mut self) -> u32 {
        // Those below are Windows's own.   [winnt.h: SYSTEM_LUID]
        self.nt.luids = self.nt.luids.saturating_add(1);
        1000 + self.nt.luids
    }

    /// The token of a process, or of the one that asks.
    fn process_token(&mut self, cx: &Cx<'_>) -> Rc<Token> {
        if let Some(token) = &self.nt_process(cx).token {
            return token.clone();
        }
        let token = Rc::new(Token {
            id: self.luid(),
            kind: PRIMARY,
            level: ANONYMOUS,
            privileges: RefCell::new(privileges::INITIAL.to_vec()),
        });
        self.nt_process(cx).token = Some(token.clone());
        token
    }

    /// The token that counts: whom the thread acts as, or else the process's.
    pub(super) fn effective_token(&mut self, cx: &Cx<'_>) -> Rc<Token> {
        let thread = self.nt_thread(cx, cx.task.tid);
        let token = thread.acts_as.borrow().clone();
        token.unwrap_or_else(|| self.process_token(cx))
    }

    /// What a handle of a token stands for.
    fn token(&mut self, cx: &Cx<'_>, handle: u64) -> Result<Rc<Token>, NtStatus> {
        let signed = match cx.word() {
            4 => i64::from(handle as u32 as i32),
            _ => handle as i64,
        };
        match signed {
            PROCESS | EFFECTIVE => return Ok(self.process_token(cx)),
            THREAD => {
                let thread = self.nt_thread(cx, cx.task.tid);
                let token = thread.acts_as.borrow().clone();
                return token.ok_or(NtStatus::NO_TOKEN);
            }
            _ => {}
        }
        match self.nt_object(cx, handle)? {
            Object::Token(token) => Ok(token),
            _ => Err(NtStatus::OBJECT_TYPE_MISMATCH),
        }
    }

    fn open_process_token(
        &mut self,
        cx: &mut Cx<'_>,
        process: u64,
        (at, access): (u64, u32),
    ) -> Outcome {
        let process = self.process_of(cx, process)?;
        let own = self.process_token(cx);
        let pid = process.borrow().pid;
        // One that has not asked for its own yet has one like it.
        let token = match self.nt.processes.get(&pid) {
            Some(process) => process.token.clone().unwrap_or(own),
            None => return Err(NtStatus::PROCESS_IS_TERMINATING.into()),
        };
        let object = Object::Token(token);
        let wish = Wish {
            handle: at,
            access,
            attributes: 0,
        };
        self.nt_hand_allowed(cx, wish, 0, object, None)?;
        Ok(0)
    }

    /// The token of a thread that acts for somebody.
    fn open_thread_token(&mut self, cx: &mut Cx<'_>, thread: u64, at: u64) -> Outcome {
        let Object::Thread(thread) = self.nt_object(cx, thread)? else {
            return Err(NtStatus::OBJECT_TYPE_MISMATCH.into());
        };
        let token = thread.acts_as.borrow().clone();
        let token = token.ok_or(NtStatus::NO_TOKEN)?;
        self.nt_give(cx, (at, 0), Object::Token(token))?;
        Ok(0)
    }

    /// A token that a thread can act with.
    pub(super) fn token_to_act_as(
        &mut self,
        cx: &Cx<'_>,
        handle: u64,
    ) -> Result<Rc<Token>, NtStatus> {
        let token = self.token(cx, handle)?;
        match token.kind {
            IMPERSONATION => Ok(token),
            _ => Err(NtStatus::BAD_TOKEN_TYPE),
        }
    }

    /// The thread that asks acts as a process does: with a copy of its token.
    pub(super) fn act_as(&mut self, cx: &Cx<'_>, pid: Tid) -> Result<(), NtStatus> {
        let own = self.process_token(cx);
        let process = self.nt.processes.get(&pid).ok_or(NtStatus::INVALID_CID)?;
        let privileges = process.token.as_ref().unwrap_or(&own).privileges.clone();
        let token = Token {
            id: self.luid(),
            kind: IMPERSONATION,
            level: IMPERSONATES,
            privileges,
        };
        let thread = self.nt_thread(cx, cx.task.tid);
        thread.acts_as.replace(Some(Rc::new(token)));
        Ok(())
    }

    /// Whether a SID is that of the user, as whom all processes run.
    pub(super) fn is_user(&mut self, cx: &mut Cx<'_>, at: u64) -> Result<bool, NtStatus> {
        let user = information::bytes(information::USER);
        let mut own = vec![0; user.len()];
        own[1] = cx.mem.read_u8(at.wrapping_add(1))?;
        if own[1] == user[1] {
            cx.mem.read(at, &mut own)?;
        }
        Ok(own == user)
    }
}
