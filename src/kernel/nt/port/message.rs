//! What does a message look like in a guest's memory?   [the headers of the crate phnt, ntlpcapi.h: PORT_MESSAGE]

use std::rc::{Rc, Weak};

use emu_cpu::GuestMemory;
use emu_prototypes::nt::NtStatus;

use super::Port;
use crate::kernel::Cx;
use crate::kernel::nt::pool::Taken;
use crate::kernel::task::Tid;

/// `Type`, without its flags.
pub(super) mod kind {
    pub(in super::super) const REQUEST: u16 = 1;
    pub(in super::super) const REPLY: u16 = 2;
    pub(in super::super) const DATAGRAM: u16 = 3;
    pub(in super::super) const PORT_CLOSED: u16 = 5;
    pub(in super::super) const CLIENT_DIED: u16 = 6;
    pub(in super::super) const ERROR_EVENT: u16 = 9;
    pub(in super::super) const CONNECTION_REQUEST: u16 = 10;
    pub(in super::super) const CONNECTION_REPLY: u16 = 11;
    /// What flags leave.
    pub(in super::super) const MASK: u16 = 0xfff;
}

/// A message.
#[derive(Debug, Clone, Default)]
pub(in crate::kernel::nt) struct Message {
    pub(super) kind: u16,
    /// Where in the message the list of areas of its sender's memory is, or 0.
    pub(super) areas: u16,
    /// Numbers of its sender's process and thread.
    pub(super) client: (u64, u64),
    pub(super) id: u32,
    /// `ClientViewSize` of a request to connect, `CallbackId` of others.
    pub(super) view: u64,
    pub(super) data: Vec<u8>,
    /// What the server calls the connection.
    pub(super) context: u64,
    /// The port that it was sent through.
    pub(super) sender: Weak<Port>,
    /// The port that is to be connected.
    pub(super) connects: Option<Rc<Port>>,
    /// The room it takes while it is kept.
    pub(super) taken: Option<Rc<Taken>>,
}

/// Bytes of a `PORT_MESSAGE`.
pub(super) fn header(word: u64) -> u64 {
    8 + 4 * word
}

impl Message {
    /// The message at an address: its lengths are in its first two fields.
    pub(super) fn read(cx: &mut Cx<'_>, at: u64) -> Result<Message, NtStatus> {
        let word = cx.word();
        let data = cx.mem.read_u16(at)?;
        let total = cx.mem.read_u16(at.wrapping_add(2))?;
        if u64::from(data) + header(word) > u64::from(total) {
            return Err(NtStatus::INVALID_PARAMETER);
        }
        let mut message = Message {
            kind: cx.mem.read_u16(at.wrapping_add(4))?,
            areas: cx.mem.read_u16(at.wrapping_add(6))?,
            client: (
                cx.read_word(at.wrapping_add(8))?,
                cx.read_word(at.wrapping_add(8 + word))?,
            ),
            id: cx.mem.read_u32(at.wrapping_add(8 + 2 * word))?,
            data: vec![0; usize::from(data)],
            ..Message::default()
        };
        let body = at.wrapping_add(header(word));
        cx.mem.read(body, &mut message.data)?;
        Ok(message)
    }

    /// Bytes of the header and of the data.
    pub(super) fn total(&self, word: u64) -> u64 {
        header(word) + self.data.len() as u64
    }

    /// Writes it.
    pub(super) fn write(&self, cx: &mut Cx<'_>, at: u64) -> Result<(), NtStatus> {
        let word = cx.word();
        let len = self.data.len() as u16;
        let mut bytes = Vec::new();
        for half in [len, self.total(word) as u16, self.kind, self.areas] {
            bytes.extend_from_slice(&half.to_le_bytes());
        }
        let wide = |bytes: &mut Vec<u8>, value: u64| {
            bytes.extend_from_slice(&value.to_le_bytes()[..word as usize]);
        };
        wide(&mut bytes, self.client.0);
        wide(&mut bytes, self.client.1);
        wide(&mut bytes, self.id.into());
        wide(&mut bytes, self.view);
        bytes.extend_from_slice(&self.data);
        Ok(cx.mem.write(at, &bytes)?)
    }

    /// The task that sent it.
    pub(super) fn thread(&self) -> Option<Tid> {
        let number = self.client.1.checked_sub(4)?;
        let tid = (number % 8 == 0).then_some(number / 8)?;
        Tid::try_from(tid).ok()
    }
}
