//! What does Wine's Winsock ask of its Unix half? Names of machines, which the guest's own tree knows.
//!
//! The functions are those of `ws2_32.dll` of Wine 8, in their order; each has a structure of arguments and answers with an
//! error of Winsock, or 0.   [Wine's dlls/ws2_32/ws2_32_private.h, struct getaddrinfo_params and following]

use std::net::IpAddr;

use emu_cpu::GuestMemory;
use emu_prototypes::Stop;
use emu_prototypes::nt::NtStatus;

use super::address::{self, INET, INET6};
use super::unix_memory::{Arguments, Block, INSUFFICIENT_BUFFER, text, zero_ended};
use crate::kernel::net::{Address, Family, Place};
use crate::kernel::nt::Outcome;
use crate::kernel::{Cx, Kernel};
use crate::load;

/// Errors of Winsock.   [winsock2.h, winerror.h]
const FAULT: u64 = 10014;
const INVALID: u64 = 10022;
const NO_FAMILY: u64 = 10047;
const NOT_FOUND: u64 = 11001;
const NO_SERVICE: u64 = 10109;

/// `KUSER_SHARED_DATA`, `SystemCall` of x86.
const SYSTEM_CALL: u64 = 0x7ffe_0300;

/// Bytes of a file of names at most.
const MOST_FILE: usize = 64 << 10;

/// A library whose Unix half is here.
enum Library {
    Winsock,
    /// That of windows and graphics.
    Win32u,
}

/// The library at an address, and the width of its words; `None` for one that has no Unix half here.
fn library(cx: &mut Cx<'_>, base: u64) -> Option<(Library, u64)> {
    let region = cx.mem.region_at(base)?;
    let name = region.label.as_ref()?.name.to_ascii_lowercase();
    let mem = &mut *cx.mem;
    let wide = load::is_wide(|at| mem.read_u32(base.checked_add(at)?).ok())?;
    let word = if wide { 8 } else { 4 };
    match name {
        name if name.ends_with(b"/ws2_32.dll") => Some((Library::Winsock, word)),
        // On a 64-bit system the library has learned that way from another.   [Wine's wow64, init_image_mapping]
        name if name.ends_with(b"/win32u.dll") && cx.word() == 4 => Some((Library::Win32u, word)),
        _ => None,
    }
}

/// What stands for the Unix half of the library at an address; `None` when that one has none here.
pub(in crate::kernel::nt) fn handle(cx: &mut Cx<'_>, base: u64) -> Option<u64> {
    library(cx, base).map(|_| base)
}

/// Calls a function of a Unix half.
pub(in crate::kernel::nt) fn call(
    kernel: &mut Kernel,
    cx: &mut Cx<'_>,
    (handle, code, at): (u64, u32, u64),
) -> Outcome {
    let word = match library(cx, handle) {
        Some((Library::Winsock, word)) => word,
        Some((Library::Win32u, _)) => return win32u(cx, code, at),
        None => return Err(Stop::Missing),
    };
    let arguments = Arguments { at, word };
    let error = match code {
        0 => kernel.address_info(cx, &arguments)?,
        1 => kernel.host_by_address(cx, &arguments)?,
        2 => kernel.host_by_name(cx, &arguments)?,
        3 => kernel.host_name(cx, &arguments)?,
        4 => kernel.name_info(cx, &arguments)?,
        _ => return Err(Stop::Missing),
    };
    Ok(error)
}

/// On x86 that library learns the way into the kernel from its Unix half, which is function 0. It has no other functions
/// here.   [Wine's dlls/win32u/main.c, DllMain]
fn win32u(cx: &mut Cx<'_>, code: u32, at: u64) -> Outcome {
    match code {
        0 => {
            let way = cx.mem.read_u32(SYSTEM_CALL)?;
            cx.mem.write_u32(at, way)?;
            Ok(0)
        }
        _ => Err(NtStatus::NOT_IMPLEMENTED.into()),
    }
}

impl Kernel {
    /// The text of a small file of the guest's tree; nothing without it.
    fn small_file(&mut self, path: &[u8]) -> String {
        let Ok(file) = self.nt_open(path) else {
            return String::new();
        };
        let host = self.host.clone();
        let environment = self.nt_environment(host.as_ref());
        let mut bytes = vec![0; MOST_FILE];
        let count = file.read(&environment, Some(0), &mut bytes).unwrap_or(0);
        String::from_utf8_lossy(&bytes[..count]).into_owned()
    }

    fn own_name(&mut self) -> String {
        let text = self.small_file(b"/etc/hostname");
        match text.trim() {
            "" => "localhost".to_owned(),
            name => name.to_owned(),
        }
    }

    /// Addresses and names as the guest's tree has them.   [hosts(5)]
    fn hosts(&mut self) -> Vec<(IpAddr, Vec<String>)> {
        let text = self.small_file(b"/etc/hosts");
        let lines = text.lines().filter_map(|line| {
            let line = line.split('#').next()?;
            let mut words = line.split_whitespace();
            let ip = words.next()?.parse().ok()?;
            Some((ip, words.map(str::to_owned).collect()))
        });
        lines.collect()
    }

    fn look_up(&mut self, name: &str) -> Vec<IpAddr> {
        if let Ok(ip) = name.parse() {
            return vec![ip];
        }
        let same = |other: &String| other.eq_ignore_ascii_case(name);
        let hosts = self.hosts();
        let found = hosts.iter().filter(|(_, names)| names.iter().any(same));
        found.map(|(ip, _)| *ip).collect()
    }

    fn address_info(&mut self, cx: &mut Cx<'_>, all: &Arguments) -> Result<u64, NtStatus> {
        let node_at = all.word(cx, 0)?;
        let node = text(cx, node_at)?;
        let service_at = all.word(cx, 1)?;
        let service = text(cx, service_at)?;
        let (hints, to, size_at) = (all.word(cx, 2)?, all.word(cx, 3)?, all.word(cx, 4)?);
        let (mut flags, mut family, mut kind, mut protocol) = (0, 0, 0, 0);
        if hints != 0 {
            let mut word = |index: u64| cx.mem.read_u32(hints.wrapping_add(4 * index));
            (flags, family, kind, protocol) = (word(0)?, word(1)?, word(2)?, word(3)?);
        }
        if ![0, INET, INET6].contains(&family) {
            return Ok(NO_FAMILY);
        }
        let port = match service.as_deref() {
            None | Some("") => 0,
            Some(number) => match number.parse::<u16>() {
                Ok(port) => port,
                Err(_) => return Ok(NO_SERVICE),
            },
        };
        // [ws2def.h: AI_PASSIVE, AI_CANONNAME, AI_NUMERICHOST]
        let found = match node.as_deref() {
            None if service.is_none() => return Ok(NOT_FOUND),
            None => [Family::Inet6, Family::Inet]
                .map(|family| match flags & 1 {
                    0 => Place::any(family).target().ip,
                    _ => Place::any(family).ip,
                })
                .to_vec(),
            Some(name) if flags & 4 != 0 => name.parse().into_iter().collect(),
            Some(name) => self.look_up(name),
        };
        let kinds = [(1, 6), (2, 17)].into_iter().filter(|(one, own)| {
            (kind == 0 || kind == *one) && (protocol == 0 || protocol == *own)
        });
        let kinds: Vec<(u32, u32)> = kinds.collect();
        let wanted = found.into_iter().filter(|ip| match family {
            INET => ip.is_ipv4(),
            INET6 => ip.is_ipv6(),
            _ => true,
        });
        let entries: Vec<_> = wanted
            .flat_map(|ip| kinds.iter().map(move |kind| (ip, *kind)))
            .collect();
        if entries.is_empty() {
            return Ok(NOT_FOUND);
        }
        let size = if all.word == 4 { 32 } else { 48 };
        let word = all.word;
        let mut block = Block::new(to, word, size * entries.len() as u64);
        for (index, (ip, (kind, protocol))) in entries.iter().enumerate() {
            let at = size * index as u64;
            let family = if ip.is_ipv4() { INET } else { INET6 };
            let own = address::family(family).unwrap_or(Family::Inet);
            let written = address::bytes(own, &Address::Ip(Place { ip: *ip, port }));
            let numbers = [0, family, *kind, *protocol];
            for (number, offset) in numbers.iter().zip([0, 4, 8, 12]) {
                block.put(at + offset, 4, (*number).into());
            }
            block.put_word(at + 16, written.len() as u64);
            if index == 0 && flags & 2 != 0 {
                let name = block.add(&zero_ended(node.as_deref().unwrap_or("")));
                block.put_word(at + 16 + word, name);
            }
            let place = block.add(&written);
            block.put_word(at + 16 + 2 * word, place);
            if index + 1 < entries.len() {
                block.put_word(at + 16 + 3 * word, to.wrapping_add(at + size));
            }
        }
        block.write(cx, size_at)
    }

    fn host_by_name(&mut self, cx: &mut Cx<'_>, all: &Arguments) -> Result<u64, NtStatus> {
        let at = all.word(cx, 0)?;
        let (to, size_at) = (all.word(cx, 1)?, all.word(cx, 2)?);
        let name = text(cx, at)?.unwrap_or_default();
        let found = self.look_up(&name);
        let found: Vec<IpAddr> = found.into_iter().filter(IpAddr::is_ipv4).collect();
        match found.is_empty() {
            true => Ok(NOT_FOUND),
            false => host(to, all.word, &name, &found).write(cx, size_at),
        }
    }

    fn host_by_address(&mut self, cx: &mut Cx<'_>, all: &Arguments) -> Result<u64, NtStatus> {
        let at = all.word(cx, 0)?;
        let (length, family) = (all.u32(cx, 4, 8)?, all.u32(cx, 8, 12)?);
        let after = if all.word == 4 { 3 } else { 2 };
        let (to, size_at) = (all.word(cx, after)?, all.word(cx, after + 1)?);
        let ip = match (family, length) {
            (INET, 4) => IpAddr::from(cx.mem.read_u32(at)?.to_le_bytes()),
            (INET6, 16) => {
                let mut bytes = [0; 16];
                cx.mem.read(at, &mut bytes)?;
                IpAddr::from(bytes)
            }
            (INET | INET6, _) => return Ok(FAULT),
            _ => return Ok(NO_FAMILY),
        };
        let hosts = self.hosts();
        let name = hosts.iter().find(|(other, _)| *other == ip);
        match name.and_then(|(_, names)| names.first()) {
            Some(name) => host(to, all.word, name, &[ip]).write(cx, size_at),
            None => Ok(NOT_FOUND),
        }
    }

    fn host_name(&mut self, cx: &mut Cx<'_>, all: &Arguments) -> Result<u64, NtStatus> {
        let (at, size) = (all.word(cx, 0)?, all.u32(cx, 4, 8)?);
        let name = zero_ended(&self.own_name());
        if name.len() > size as usize {
            return Ok(FAULT);
        }
        cx.mem.write(at, &name)?;
        Ok(0)
    }

    fn name_info(&mut self, cx: &mut Cx<'_>, all: &Arguments) -> Result<u64, NtStatus> {
        let at = all.word(cx, 0)?;
        let length = all.u32(cx, 4, 8)?;
        let mut bytes = vec![0; length.min(128) as usize];
        cx.mem.read(at, &mut bytes)?;
        let Ok(place) = address::parse(&bytes) else {
            return Ok(NO_FAMILY);
        };
        let (name_at, name_size) = (all.word(cx, 2)?, all.u32(cx, 12, 24)?);
        let service_at = all.word(cx, 4)?;
        let (service_size, flags) = (all.u32(cx, 20, 40)?, all.u32(cx, 24, 44)?);
        // [ws2tcpip.h: NI_NUMERICHOST, NI_NAMEREQD]
        let hosts = self.hosts();
        let known = hosts.iter().find(|(other, _)| *other == place.ip);
        let known = known.and_then(|(_, names)| names.first());
        let name = match known.filter(|_| flags & 2 == 0) {
            Some(name) => name.clone(),
            None if flags & 4 != 0 => return Ok(NOT_FOUND),
            None => place.ip.to_string(),
        };
        let told = [
            (name_at, name_size, name),
            (service_at, service_size, place.port.to_string()),
        ];
        for (at, size, text) in told {
            let text = zero_ended(&text);
            if at == 0 || size == 0 {
                continue;
            }
            if text.len() > size as usize {
                return Ok(INSUFFICIENT_BUFFER);
            }
            cx.mem.write(at, &text)?;
        }
        match (name_at, service_at) {
            (0, 0) => Ok(INVALID),
            _ => Ok(0),
        }
    }
}

/// What is known of a machine.   [winsock2.h: HOSTENT]
fn host(at: u64, word: u64, name: &str, addresses: &[IpAddr]) -> Block {
    let mut block = Block::new(at, word, 4 * word);
    let name = block.add(&zero_ended(name));
    block.put_word(0, name);
    let aliases = block.add(&[0; 8]);
    block.put_word(word, aliases);
    let mut list = Vec::new();
    let (mut family, mut length) = (INET, 4);
    for ip in addresses {
        let octets = match ip {
            IpAddr::V4(ip) => ip.octets().to_vec(),
            IpAddr::V6(ip) => ip.octets().to_vec(),
        };
        (family, length) = match octets.len() {
            4 => (INET, 4),
            _ => (INET6, 16),
        };
        let place = block.add(&octets);
        list.extend_from_slice(&place.to_le_bytes()[..word as usize]);
    }
    list.extend_from_slice(&[0; 8][..word as usize]);
    let list = block.add(&list);
    block.put(2 * word, 2, family.into());
    block.put(2 * word + 2, 2, length);
    block.put_word(3 * word, list);
    block
}
