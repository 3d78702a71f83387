//! Section `identity`: who is asking, and who it may become.

use emu_cpu::GuestMemory;
use emu_prototypes::linux::{self, Errno, Outcome, services};
use emu_prototypes::{Stop, Width};

use super::process::{Credentials, LAST_CAPABILITY};
use crate::kernel::{Cx, Kernel};

/// "Leave it as it is".
const SAME: u32 = u32::MAX;
/// What an id that has no 16-bit form reads as.   [Linux include/linux/highuid.h, DEFAULT_OVERFLOWUID]
const OVERFLOW: u32 = 65534;

impl Cx<'_> {
    /// An id argument: on rows that pass 16 bits, 65535 means -1.   [Linux include/linux/highuid.h, low2highuid]
    fn id_argument(&self, field: u8, value: u32) -> u32 {
        let narrow = self
            .row
            .params
            .iter()
            .any(|p| p.field == field && p.width == Width::U16);
        if narrow && value == 0xffff {
            SAME
        } else {
            value
        }
    }

    /// An id result: entry points of 16 bits can't tell all.
    fn id_result(&self, id: u32) -> Outcome {
        let narrow = self.row.entry.ends_with("16");
        Ok(u64::from(if narrow { low(id).into() } else { id }))
    }

    fn who(&mut self) -> &mut Credentials {
        &mut self.task.linux.credentials
    }

    /// What changes of users do to capabilities.   [Linux security/commoncap.c, cap_emulate_setxuid]
    fn fix_capabilities(&mut self, before: &Credentials) {
        let keep = u64::from(before.securebits);
        let (no_fixup, keep_caps) = (self.k.SECBIT_NO_SETUID_FIXUP, self.k.SECBIT_KEEP_CAPS);
        let who = self.who();
        if keep & no_fixup != 0 {
            return;
        }
        let had_root = before.uid == 0 || before.euid == 0 || before.suid == 0;
        let has_root = who.uid == 0 || who.euid == 0 || who.suid == 0;
        if had_root && !has_root {
            if keep & keep_caps == 0 {
                who.permitted = 0;
                who.effective = 0;
            }
            who.ambient = 0;
        }
        if before.euid == 0 && who.euid != 0 {
            who.effective = 0;
        }
        if before.euid != 0 && who.euid == 0 {
            who.effective = who.permitted;
        }
    }
}

fn low(id: u32) -> u16 {
    u16::try_from(id).unwrap_or(OVERFLOW as u16)
}

/// Sets real, effective and saved ids if `allowed`, else if each is one of the present ones.
fn set_three(
    now: (u32, u32, u32),
    new: (u32, u32, u32),
    allowed: bool,
) -> Result<(u32, u32, u32), Errno> {
    let one = |id: u32, old: u32| if id == SAME { old } else { id };
    let known = |id: u32| id == SAME || id == now.0 || id == now.1 || id == now.2;
    if !(allowed || known(new.0) && known(new.1) && known(new.2)) {
        return Err(Errno::EPERM);
    }
    Ok((one(new.0, now.0), one(new.1, now.1), one(new.2, now.2)))
}

/// `setreuid` and `setregid`: real, effective and saved id after it.   [Linux kernel/sys.c, __sys_setreuid]
fn set_two(
    now: (u32, u32, u32),
    real: u32,
    effective: u32,
    allowed: bool,
) -> Result<(u32, u32, u32), Errno> {
    let real_known = real == SAME || real == now.0 || real == now.1;
    let effective_known = effective == SAME || [now.0, now.1, now.2].contains(&effective);
    if !(allowed || real_known && effective_known) {
        return Err(Errno::EPERM);
    }
    let new_real = if real == SAME { now.0 } else { real };
    let new_effective = if effective == SAME { now.1 } else { effective };
    let saves = real != SAME || effective != SAME && effective != now.0;
    Ok((
        new_real,
        new_effective,
        if saves { new_effective } else { now.2 },
    ))
}

impl Credentials {
    fn uids(&self) -> (u32, u32, u32) {
        (self.uid, self.euid, self.suid)
    }

    fn gids(&self) -> (u32, u32, u32) {
        (self.gid, self.egid, self.sgid)
    }

    fn set_uids(&mut self, (real, effective, saved): (u32, u32, u32)) {
        (self.uid, self.euid, self.suid, self.fsuid) = (real, effective, saved, effective);
    }

    fn set_gids(&mut self, (real, effective, saved): (u32, u32, u32)) {
        (self.gid, self.egid, self.sgid, self.fsgid) = (real, effective, saved, effective);
    }
}

fn set_uids(cx: &mut Cx<'_>, ids: (u32, u32, u32)) -> Outcome {
    let before = cx.who().clone();
    cx.who().set_uids(ids);
    cx.fix_capabilities(&before);
    Ok(0)
}

fn set_gids(cx: &mut Cx<'_>, ids: (u32, u32, u32)) -> Outcome {
    cx.who().set_gids(ids);
    Ok(0)
}

impl services::Identity<Cx<'_>> for Kernel {
    fn getuid(&mut self, cx: &mut Cx<'_>, _call: &linux::Getuid) -> Outcome {
        cx.id_result(cx.task.linux.credentials.uid)
    }

    fn geteuid(&mut self, cx: &mut Cx<'_>, _call: &linux::Geteuid) -> Outcome {
        cx.id_result(cx.task.linux.credentials.euid)
    }

    fn getgid(&mut self, cx: &mut Cx<'_>, _call: &linux::Getgid) -> Outcome {
        cx.id_result(cx.task.linux.credentials.gid)
    }

    fn getegid(&mut self, cx: &mut Cx<'_>, _call: &linux::Getegid) -> Outcome {
        cx.id_result(cx.task.linux.credentials.egid)
    }

    fn setuid(&mut self, cx: &mut Cx<'_>, call: &linux::Setuid) -> Outcome {
        let uid = cx.id_argument(0, call.uid);
        if uid == SAME {
            return Err(Errno::EINVAL.into());
        }
        let (real, _, saved) = cx.who().uids();
        if cx.capable(cx.k.CAP_SETUID) {
            set_uids(cx, (uid, uid, uid))
        } else if uid == real || uid == saved {
            set_uids(cx, (real, uid, saved))
        } else {
            Err(Errno::EPERM.into())
        }
    }

    fn setgid(&mut self, cx: &mut Cx<'_>, call: &linux::Setgid) -> Outcome {
        let gid = cx.id_argument(0, call.gid);
        if gid == SAME {
            return Err(Errno::EINVAL.into());
        }
        let (real, _, saved) = cx.who().gids();
        if cx.capable(cx.k.CAP_SETGID) {
            set_gids(cx, (gid, gid, gid))
        } else if gid == real || gid == saved {
            set_gids(cx, (real, gid, saved))
        } else {
            Err(Errno::EPERM.into())
        }
    }

    fn setreuid(&mut self, cx: &mut Cx<'_>, call: &linux::Setreuid) -> Outcome {
        let (real, effective) = (cx.id_argument(0, call.ruid), cx.id_argument(1, call.euid));
        let allowed = cx.capable(cx.k.CAP_SETUID);
        let ids = set_two(cx.who().uids(), real, effective, allowed)?;
        set_uids(cx, ids)
    }

    fn setregid(&mut self, cx: &mut Cx<'_>, call: &linux::Setregid) -> Outcome {
        let (real, effective) = (cx.id_argument(0, call.rgid), cx.id_argument(1, call.egid));
        let allowed = cx.capable(cx.k.CAP_SETGID);
        let ids = set_two(cx.who().gids(), real, effective, allowed)?;
        set_gids(cx, ids)
    }

    fn setresuid(&mut self, cx: &mut Cx<'_>, call: &linux::Setresuid) -> Outcome {
        let new = (
            cx.id_argument(0, call.ruid),
            cx.id_argument(1, call.euid),
            cx.id_argument(2, call.suid),
        );
        let allowed = cx.capable(cx.k.CAP_SETUID);
        let ids = set_three(cx.who().uids(), new, allowed)?;
        set_uids(cx, ids)
    }

    fn setresgid(&mut self, cx: &mut Cx<'_>, call: &linux::Setresgid) -> Outcome {
        let new = (
            cx.id_argument(0, call.rgid),
            cx.id_argument(1, call.egid),
            cx.id_argument(2, call.sgid),
        );
        let allowed = cx.capable(cx.k.CAP_SETGID);
        let ids = set_three(cx.who().gids(), new, allowed)?;
        set_gids(cx, ids)
    }

    fn getresuid(&mut self, cx: &mut Cx<'_>, call: &linux::Getresuid) -> Outcome {
        let (real, effective, saved) = cx.who().uids();
        for (at, id) in [
            (call.ruidp, real),
            (call.euidp, effective),
            (call.suidp, saved),
        ] {
            cx.mem.write_u32(at.address, id)?;
        }
        Ok(0)
    }

    fn getresgid(&mut self, cx: &mut Cx<'_>, call: &linux::Getresgid) -> Outcome {
        let (real, effective, saved) = cx.who().gids();
        for (at, id) in [
            (call.rgidp, real),
            (call.egidp, effective),
            (call.sgidp, saved),
        ] {
            cx.mem.write_u32(at.address, id)?;
        }
        Ok(0)
    }

    fn getresuid16(&mut self, cx: &mut Cx<'_>, call: &linux::Getresuid16) -> Outcome {
        let (real, effective, saved) = cx.who().uids();
        for (at, id) in [
            (call.ruidp, real),
            (call.euidp, effective),
            (call.suidp, saved),
        ] {
            cx.mem.write_u16(at.address, low(id))?;
        }
        Ok(0)
    }

    fn getresgid16(&mut self, cx: &mut Cx<'_>, call: &linux::Getresgid16) -> Outcome {
        let (real, effective, saved) = cx.who().gids();
        for (at, id) in [
            (call.rgidp, real),
            (call.egidp, effective),
            (call.sgidp, saved),
        ] {
            cx.mem.write_u16(at.address, low(id))?;
        }
        Ok(0)
    }

    fn setfsuid(&mut self, cx: &mut Cx<'_>, call: &linux::Setfsuid) -> Outcome {
        let uid = cx.id_argument(0, call.uid);
        let allowed = cx.capable(cx.k.CAP_SETUID);
        let who = cx.who();
        let old = who.fsuid;
        if uid != SAME && (allowed || [who.uid, who.euid, who.suid, old].contains(&uid)) {
            who.fsuid = uid;
        }
        cx.id_result(old)
    }

    fn setfsgid(&mut self, cx: &mut Cx<'_>, call: &linux::Setfsgid) -> Outcome {
        let gid = cx.id_argument(0, call.gid);
        let allowed = cx.capable(cx.k.CAP_SETGID);
        let who = cx.who();
        let old = who.fsgid;
        if gid != SAME && (allowed || [who.gid, who.egid, who.sgid, old].contains(&gid)) {
            who.fsgid = gid;
        }
        cx.id_result(old)
    }

    fn getgroups(&mut self, cx: &mut Cx<'_>, call: &linux::Getgroups) -> Outcome {
        get_groups(cx, call.gidsetsize, call.grouplist.address, 4)
    }

    fn getgroups16(&mut self, cx: &mut Cx<'_>, call: &linux::Getgroups16) -> Outcome {
        get_groups(cx, call.gidsetsize, call.grouplist.address, 2)
    }

    fn setgroups(&mut self, cx: &mut Cx<'_>, call: &linux::Setgroups) -> Outcome {
        set_groups(cx, call.gidsetsize, call.grouplist.address, 4)
    }

    fn setgroups16(&mut self, cx: &mut Cx<'_>, call: &linux::Setgroups16) -> Outcome {
        set_groups(cx, call.gidsetsize, call.grouplist.address, 2)
    }

    fn capget(&mut self, cx: &mut Cx<'_>, call: &linux::Capget) -> Outcome {
        let (header, data) = (call.header.address, call.dataptr.address);
        let words = match capability_words(cx, header)? {
            Some(words) => words,
            None if data == 0 => return Ok(0),
            None => return Err(Errno::EINVAL.into()),
        };
        let who = match cx.mem.read_u32(header.wrapping_add(4))? as i32 {
            pid if pid < 0 => return Err(Errno::EINVAL.into()),
            0 => cx.who().clone(),
            pid => {
                let found =
                    self.with_task(Some(cx.task), pid, |task| task.linux.credentials.clone());
                found.ok_or(Errno::ESRCH)?
            }
        };
        if data == 0 {
            return Ok(0);
        }
        for word in 0..words {
            for (index, set) in [who.effective, who.permitted, who.inheritable]
                .iter()
                .enumerate()
            {
                let at = data.wrapping_add(word * 12 + 4 * index as u64);
                cx.mem.write_u32(at, (set >> (32 * word)) as u32)?;
            }
        }
        Ok(0)
    }

    fn capset(&mut self, cx: &mut Cx<'_>, call: &linux::Capset) -> Outcome {
        let (header, data) = (call.header.address, call.data.address);
        let words = capability_words(cx, header)?.ok_or(Errno::EINVAL)?;
        own_pid(cx, header).map_err(|_| Errno::EPERM)?;
        let mut sets = [0u64; 3];
        for word in 0..words {
            for (index, set) in sets.iter_mut().enumerate() {
                let at = data.wrapping_add(word * 12 + 4 * index as u64);
                *set |= u64::from(cx.mem.read_u32(at)?) << (32 * word);
            }
        }
        let all = (1u64 << (LAST_CAPABILITY + 1)) - 1;
        let [effective, permitted, inheritable] = sets.map(|set| set & all);
        let may_inherit = cx.capable(cx.k.CAP_SETPCAP);
        let who = cx.who();
        // [Linux security/commoncap.c, cap_capset]
        if permitted & !who.permitted != 0
            || effective & !permitted != 0
            || inheritable & !(who.inheritable | who.bounding) != 0
            || !may_inherit && inheritable & !(who.inheritable | who.permitted) != 0
        {
            return Err(Errno::EPERM.into());
        }
        who.effective = effective;
        who.permitted = permitted;
        who.inheritable = inheritable;
        who.ambient &= permitted & inheritable;
        Ok(0)
    }

    // Without CONFIG_KEYS.
    fn add_key(&mut self, _cx: &mut Cx<'_>, _call: &linux::AddKey) -> Outcome {
        Err(Errno::ENOSYS.into())
    }

    fn request_key(&mut self, _cx: &mut Cx<'_>, _call: &linux::RequestKey) -> Outcome {
        Err(Errno::ENOSYS.into())
    }

    fn keyctl(&mut self, _cx: &mut Cx<'_>, _call: &linux::Keyctl) -> Outcome {
        Err(Errno::ENOSYS.into())
    }
}

fn get_groups(cx: &mut Cx<'_>, size: i32, list: u64, width: u64) -> Outcome {
    let groups = cx.who().groups.clone();
    let size = usize::try_from(size).map_err(|_| Errno::EINVAL)?;
    if size > 0 {
        if groups.len() > size {
            return Err(Errno::EINVAL.into());
        }
        for (index, group) in groups.iter().enumerate() {
            let at = list.wrapping_add(width * index as u64);
            match width {
                2 => cx.mem.write_u16(at, low(*group))?,
                _ => cx.mem.write_u32(at, *group)?,
            }
        }
    }
    Ok(groups.len() as u64)
}

fn set_groups(cx: &mut Cx<'_>, size: i32, list: u64, width: u64) -> Outcome {
    if !cx.capable(cx.k.CAP_SETGID) {
        return Err(Errno::EPERM.into());
    }
    let size = u64::try_from(size)
        .ok()
        .filter(|size| *size <= cx.k.NGROUPS_MAX);
    let mut groups = Vec::new();
    for index in 0..size.ok_or(Errno::EINVAL)? {
        let at = list.wrapping_add(width * index);
        groups.push(match width {
            2 => u32::from(cx.mem.read_u16(at)?),
            _ => cx.mem.read_u32(at)?,
        });
    }
    groups.sort_unstable();
    cx.who().groups = groups;
    Ok(0)
}

/// How many 32-bit words the version in a header has. For a version that does not exist, the one that does is put there.
/// [Linux kernel/capability.c, cap_validate_magic]
fn capability_words(cx: &mut Cx<'_>, header: u64) -> Result<Option<u64>, Stop<Errno>> {
    let k = cx.k;
    let version = u64::from(cx.mem.read_u32(header)?);
    if version == k._LINUX_CAPABILITY_VERSION_1 {
        return Ok(Some(1));
    }
    if version == k._LINUX_CAPABILITY_VERSION_2 || version == k._LINUX_CAPABILITY_VERSION_3 {
        return Ok(Some(2));
    }
    cx.mem
        .write_u32(header, k._LINUX_CAPABILITY_VERSION_3 as u32)?;
    Ok(None)
}

/// Whether the header speaks of the task itself.
fn own_pid(cx: &mut Cx<'_>, header: u64) -> Result<(), Stop<Errno>> {
    match cx.mem.read_u32(header.wrapping_add(4))? as i32 {
        0 => Ok(()),
        pid if pid < 0 => Err(Errno::EINVAL.into()),
        pid if pid == cx.task.tid => Ok(()),
        _ => Err(Errno::ESRCH.into()),
    }
}

#[cfg(test)]
mod tests {
    use super::super::trial::{SCRATCH, Trial};
    use super::*;

    #[test]
    fn the_saved_id_follows_when_the_real_one_is_set() {
        assert_eq!(set_two((1, 2, 3), SAME, 1, false), Ok((1, 1, 3)));
        assert_eq!(set_two((1, 2, 3), 2, SAME, false), Ok((2, 2, 2)));
        assert_eq!(set_two((1, 2, 3), SAME, 3, false), Ok((1, 3, 3)));
        assert_eq!(set_two((1, 2, 3), 3, SAME, false), Err(Errno::EPERM));
        assert_eq!(set_two((0, 0, 0), 7, 8, true), Ok((7, 8, 8)));
    }

    #[test]
    fn without_the_right_only_present_ids_can_be_set() {
        assert_eq!(set_three((1, 2, 3), (3, 1, SAME), false), Ok((3, 1, 3)));
        assert_eq!(
            set_three((1, 2, 3), (4, SAME, SAME), false),
            Err(Errno::EPERM)
        );
        assert_eq!(set_three((1, 2, 3), (4, SAME, SAME), true), Ok((4, 2, 3)));
    }

    #[test]
    fn a_large_id_overflows_in_16_bits() {
        assert_eq!(low(1000), 1000);
        assert_eq!(low(70_000), 65534);
    }

    #[test]
    fn ids_of_16_bits_are_passed_by_the_calls_that_have_them() {
        let mut t = Trial::new("linux_arm");
        t.ok("setresuid32", &[1, 2, 70_000]);
        assert_eq!(t.ok("getuid", &[]), 1);
        t.ok("getresuid", &[SCRATCH, SCRATCH + 2, SCRATCH + 4]);
        assert_eq!(t.space.read_u16(SCRATCH + 4), Ok(65_534));
        assert_eq!(
            t.err("setuid32", &[5]),
            Errno::EPERM,
            "the right is gone with root"
        );
        assert_eq!(t.task.linux.credentials.effective, 0);
        // 65535 is "the same" in 16 bits, and an id in 32.
        let mut t = Trial::new("linux_x86");
        t.ok("setreuid", &[0xffff, 3]);
        assert_eq!(t.task.linux.credentials.uid, 0);
        let mut t = Trial::new("linux_x86");
        t.ok("setreuid32", &[0xffff, 3]);
        assert_eq!(t.task.linux.credentials.uid, 0xffff);
    }

    #[test]
    fn groups_come_back() {
        for mut t in Trial::all() {
            let name = if t.has("setgroups32") {
                "setgroups32"
            } else {
                "setgroups"
            };
            let get = if t.has("getgroups32") {
                "getgroups32"
            } else {
                "getgroups"
            };
            t.space.write_u32(SCRATCH, 9).expect("scratch");
            t.space.write_u32(SCRATCH + 4, 5).expect("scratch");
            t.ok(name, &[2, SCRATCH]);
            assert_eq!(t.ok(get, &[0, 0]), 2);
            assert_eq!(t.err(get, &[1, SCRATCH]), Errno::EINVAL);
            t.ok(get, &[2, SCRATCH + 64]);
            assert_eq!(t.space.read_u32(SCRATCH + 64), Ok(5), "{}", t.name());
            assert_eq!(t.err(name, &[1 << 20, SCRATCH]), Errno::EINVAL);
        }
    }

    #[test]
    fn capabilities_can_be_asked_for_and_given_up() {
        for mut t in Trial::all() {
            t.space.write_u32(SCRATCH, 0x2008_0522).expect("scratch");
            t.space.write_u32(SCRATCH + 4, 0).expect("scratch");
            t.ok("capget", &[SCRATCH, SCRATCH + 16]);
            assert_eq!(t.space.read_u32(SCRATCH + 16), Ok(0xa804_25fb));
            t.space.write_u32(SCRATCH + 16, 1).expect("scratch");
            t.ok("capset", &[SCRATCH, SCRATCH + 16]);
            assert_eq!(t.task.linux.credentials.effective, 1);
            t.space.write_u32(SCRATCH + 16, u32::MAX).expect("scratch");
            assert_eq!(t.err("capset", &[SCRATCH, SCRATCH + 16]), Errno::EPERM);
            t.space.write_u32(SCRATCH, 7).expect("scratch");
            assert_eq!(t.err("capget", &[SCRATCH, SCRATCH + 16]), Errno::EINVAL);
            assert_eq!(t.space.read_u32(SCRATCH), Ok(0x2008_0522));
        }
    }
}
