//! Nothing that a guest does, and nothing that happens on the host meanwhile, leads out of what was named.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::PathBuf;

use tempfile::TempDir;

use super::*;

const SECRET: &str = "the host's own";

/// A root with a secret beside it.
struct Trap {
    _host: TempDir,
    root: PathBuf,
    secret: PathBuf,
}

impl Trap {
    fn new() -> Trap {
        let host = TempDir::new().expect("a temporary directory");
        let root = host.path().join("root");
        let secret = host.path().join("secret");
        fs::create_dir_all(root.join("sub/deeper")).unwrap();
        fs::write(root.join("sub/file"), "inside").unwrap();
        fs::write(&secret, SECRET).unwrap();
        Trap {
            _host: host,
            root,
            secret,
        }
    }

    fn check(&self, world: &World, path: &str) {
        assert_ne!(world.read(path).as_deref(), Ok(SECRET), "{path}");
        let file = world.open(path, OpenFlags::WRITE);
        if let Ok(file) = file {
            let _ = file.write(&world.environment(), None, b"overwritten", 11);
        }
        assert_eq!(fs::read_to_string(&self.secret).unwrap(), SECRET, "{path}");
    }
}

fn everywhere(path: &str) -> Vec<String> {
    [
        "/",
        "/sub/",
        "/sub/deeper/",
        "/proc/self/root/",
        "/proc/self/cwd/",
        "/dev/fd/",
        "/tmp/",
    ]
    .iter()
    .map(|at| format!("{at}{path}"))
    .collect()
}

#[test]
fn no_path_leads_out() {
    for write in [false, true] {
        let trap = Trap::new();
        let worlds = [
            World::over(Some(&trap.root), &[]),
            World::over(None, &[(&trap.root, "/bound", write)]),
            World::over(
                Some(&trap.root),
                &[(&trap.root.join("sub"), "/sub/deeper/again", write)],
            ),
        ];
        let absolute = trap.secret.to_str().unwrap();
        for world in &worlds {
            for ups in 0..12 {
                let up = "../".repeat(ups);
                for path in everywhere(&format!("{up}secret")) {
                    trap.check(world, &path);
                    trap.check(world, &format!("/bound{path}"));
                }
                trap.check(world, &format!("/sub/{up}{absolute}"));
            }
            trap.check(world, absolute);
        }
    }
}

#[test]
fn links_of_the_host_lead_nowhere_else() {
    for write in [false, true] {
        let trap = Trap::new();
        for (text, name) in [
            (trap.secret.to_str().unwrap(), "absolute"),
            ("../secret", "relative"),
            ("../../../../../../../../../../secret", "up"),
            ("sub/../../secret", "through"),
            ("/proc/self/root", "proc"),
            ("/proc/self/cwd", "cwd"),
            ("/proc/1/root", "init"),
            ("..", "parent"),
            ("/", "top"),
        ] {
            symlink(text, trap.root.join(name)).unwrap();
        }
        let world = World::over(Some(&trap.root), &[(&trap.root, "/bound", write)]);
        for name in [
            "absolute", "relative", "up", "through", "proc", "cwd", "init", "parent", "top",
        ] {
            for base in ["", "/bound"] {
                trap.check(&world, &format!("{base}/{name}"));
                trap.check(&world, &format!("{base}/{name}/secret"));
                trap.check(&world, &format!("{base}/{name}/../secret"));
                let absolute = trap.secret.to_str().unwrap();
                trap.check(&world, &format!("{base}/{name}{absolute}"));
            }
        }
    }
}

#[test]
fn what_the_guest_links_leads_nowhere_else() {
    let trap = Trap::new();
    let world = World::over(
        Some(&trap.root),
        &[(&trap.root.join("sub"), "/bound", true)],
    );
    let absolute = trap.secret.to_str().unwrap();
    for (n, text) in [absolute, "../../secret", "../../../secret"]
        .into_iter()
        .enumerate()
    {
        for base in ["/", "/sub/deeper/", "/bound/"] {
            let path = format!("{base}link{n}");
            world.symlink(text, &path).unwrap();
            trap.check(&world, &path);
            let create = OpenFlags::WRITE | OpenFlags::CREATE | OpenFlags::TRUNCATE;
            if let Ok(file) = world.open(&path, create) {
                let _ = file.write(&world.environment(), None, b"overwritten", 11);
            }
            assert_eq!(fs::read_to_string(&trap.secret).unwrap(), SECRET, "{path}");
            let _ = world.rename(&path, &format!("{base}moved{n}"));
            let _ = world.link(&format!("{base}moved{n}"), &format!("{base}hard{n}"));
            trap.check(&world, &format!("{base}hard{n}"));
        }
    }
}

#[test]
fn a_directory_that_becomes_a_link_is_not_followed() {
    for write in [false, true] {
        let trap = Trap::new();
        let outside = trap.root.parent().unwrap().join("outside");
        fs::create_dir(&outside).unwrap();
        fs::write(outside.join("file"), SECRET).unwrap();
        let world = World::over(None, &[(&trap.root, "/bound", write)]);
        assert_eq!(world.read("/bound/sub/file").as_deref(), Ok("inside"));
        let open = world.open("/bound/sub/deeper", OpenFlags::READ).unwrap();
        fs::rename(trap.root.join("sub"), trap.root.join("was")).unwrap();
        symlink(&outside, trap.root.join("sub")).unwrap();
        assert_ne!(world.read("/bound/sub/file").as_deref(), Ok(SECRET));
        let _ = world.write("/bound/sub/file", "overwritten");
        let _ = world.write("/bound/sub/new", "created");
        let _ = world.unlink("/bound/sub/file");
        let _ = world.mkdir("/bound/sub/made");
        let _ = world.rename("/bound/sub/file", "/bound/sub/gone");
        let _ = world.symlink("x", "/bound/sub/deeper/link");
        let _ = open.next_item(&world.walker());
        assert_eq!(fs::read_to_string(outside.join("file")).unwrap(), SECRET);
        assert_eq!(fs::read_dir(&outside).unwrap().count(), 1);
    }
}

#[test]
fn a_file_that_becomes_a_link_is_not_followed() {
    for write in [false, true] {
        let trap = Trap::new();
        let world = World::over(None, &[(&trap.root, "/bound", write)]);
        // Known, but its bytes not read yet.
        assert_eq!(
            world.find("/bound/sub/file", true).as_deref(),
            Ok("/bound/sub/file")
        );
        fs::remove_file(trap.root.join("sub/file")).unwrap();
        symlink(&trap.secret, trap.root.join("sub/file")).unwrap();
        trap.check(&world, "/bound/sub/file");
        fs::remove_file(trap.root.join("sub/file")).unwrap();
        fs::hard_link(&trap.secret, trap.root.join("sub/file")).unwrap();
        // Another file under the same name is not the one that was found, in a tree that is read once.
        if !write {
            trap.check(&world, "/bound/sub/file");
        }
    }
}
