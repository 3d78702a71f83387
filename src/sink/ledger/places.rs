//! Which files and values are read when a machine starts or somebody logs in, so that what is there is run?

/// Beginnings of paths, from the top.   [hier(7), cron(8), systemd.unit(5), rc(8)]
const DIRECTORIES: [&str; 21] = [
    "/etc/cron",
    "/var/spool/cron",
    "/var/cron/",
    "/etc/init.d/",
    "/etc/init/",
    "/etc/rc",
    "/etc/inittab",
    "/etc/profile",
    "/etc/ld.so.preload",
    "/etc/systemd/",
    "/lib/systemd/system",
    "/usr/lib/systemd/",
    "/run/systemd/system",
    "/etc/xdg/autostart/",
    "/etc/udev/rules.d/",
    "/etc/modules",
    "/etc/update-motd.d/",
    "/etc/passwd",
    "/etc/shadow",
    "/etc/sudoers",
    "/etc/pam.d/",
];

/// Ends of paths.   [bash(1), zsh(1), sshd(8)]
const ENDS: [&str; 9] = [
    "/.bashrc",
    "/.bash_profile",
    "/.bash_login",
    "/.bash_logout",
    "/.profile",
    "/.zshrc",
    "/.cshrc",
    "/.ssh/authorized_keys",
    "/.xinitrc",
];

/// Parts of paths, and of keys of the registry, in small letters.   [Windows registry: Run and RunOnce keys, Winlogon,
/// services, Image File Execution Options]
const PARTS: [&str; 11] = [
    "/.config/systemd/",
    "/.config/autostart/",
    "\\currentversion\\run",
    "\\currentversion\\policies\\explorer\\run",
    "\\currentversion\\winlogon",
    "\\currentversion\\windows\\appinit_dlls",
    "\\image file execution options\\",
    "\\currentcontrolset\\services\\",
    "\\start menu\\programs\\startup",
    "\\system32\\tasks\\",
    "\\active setup\\installed components\\",
];

/// Whether what is written there is run some time.
pub(super) fn persists(path: &[u8]) -> bool {
    let small = path.to_ascii_lowercase();
    let part = |part: &&str| {
        small
            .windows(part.len())
            .any(|window| window == part.as_bytes())
    };
    DIRECTORIES
        .iter()
        .any(|start| path.starts_with(start.as_bytes()))
        || ENDS.iter().any(|end| path.ends_with(end.as_bytes()))
        || PARTS.iter().any(part)
}

/// Whether everybody may write there, and nothing stays.   [hier(7)]
pub(super) fn temporary(path: &[u8]) -> bool {
    ["/tmp/", "/var/tmp/", "/dev/shm/", "/run/", "/var/run/"]
        .iter()
        .any(|start| path.starts_with(start.as_bytes()))
}

/// Whether a file tells who traces its process.   [proc(5), TracerPid]
pub(super) fn tells_tracer(path: &[u8]) -> bool {
    let middle = path
        .strip_prefix(b"/proc/")
        .and_then(|path| path.strip_suffix(b"/status"));
    middle.is_some_and(|process| {
        process == b"self" || (!process.is_empty() && process.iter().all(u8::is_ascii_digit))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_that_are_run_are_known() {
        for path in [
            "/etc/cron.d/x",
            "/etc/crontab",
            "/etc/rc.local",
            "/home/u/.bashrc",
            r"\Registry\Machine\Software\Microsoft\Windows\CurrentVersion\Run\x",
        ] {
            assert!(persists(path.as_bytes()), "{path}");
        }
        for path in ["/etc/hosts", "/tmp/cron", "/home/u/bashrc", "/etc/group"] {
            assert!(!persists(path.as_bytes()), "{path}");
        }
    }

    #[test]
    fn who_reads_its_status_looks_for_a_tracer() {
        assert!(tells_tracer(b"/proc/self/status") && tells_tracer(b"/proc/17/status"));
        assert!(!tells_tracer(b"/proc/status") && !tells_tracer(b"/proc/17/task/17/status"));
    }
}
