//! What the guest changed is told, and kept on the host.

use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};
use std::path::Path;

use tempfile::TempDir;

use super::*;
use crate::kernel::host::Tree;

fn host() -> TempDir {
    let host = TempDir::new().expect("a temporary directory");
    let at = |name: &str| host.path().join(name);
    fs::create_dir_all(at("etc/deep/er")).expect("directories");
    fs::create_dir_all(at("old")).expect("a directory");
    fs::write(at("etc/passwd"), "root\n").expect("a file");
    fs::write(at("etc/hosts"), "localhost\n").expect("a file");
    fs::write(at("etc/deep/one"), "1").expect("a file");
    fs::write(at("old/file"), "x").expect("a file");
    symlink("/etc/passwd", at("link")).expect("a symlink");
    host
}

fn told(world: &World) -> Vec<String> {
    let changes = world.vfs.changes().expect("it can be compared");
    let ours = |line: &String| !line.contains(" /proc") && !line.contains(" /dev");
    changes
        .iter()
        .map(ToString::to_string)
        .filter(ours)
        .collect()
}

fn started(root: Option<&Path>) -> World {
    let world = World::over(root, &[]);
    world.vfs.note_start();
    world
}

fn saved(world: &World) -> (TempDir, Vec<String>) {
    let folder = TempDir::new().expect("a temporary directory");
    let tree: Rc<dyn Tree> = RealHost::new().tree(folder.path()).expect("a tree");
    let changes = world.vfs.changes().expect("it can be compared");
    let left_out = world.vfs.save(&changes, tree.as_ref()).expect("it is kept");
    let text = |path: Vec<u8>| String::from_utf8(path).expect("text");
    (folder, left_out.into_iter().map(text).collect())
}

#[test]
fn nothing_is_told_of_what_was_only_looked_at() {
    for root in [Some(host()), None] {
        let world = started(root.as_ref().map(TempDir::path));
        world.list("/").unwrap();
        if root.is_some() {
            world.list("/etc").unwrap();
            assert_eq!(world.read("/etc/passwd").as_deref(), Ok("root\n"));
        }
        assert_eq!(told(&world), [""; 0]);
    }
}

#[test]
fn each_path_that_differs_is_told() {
    let host = host();
    let world = started(Some(host.path()));
    world.write("/etc/passwd", "changed").unwrap();
    world.write("/etc/deep/new", "2").unwrap();
    world.unlink("/etc/hosts").unwrap();
    world.unlink("/link").unwrap();
    world.mkdir("/made").unwrap();
    world.write("/made/in", "3").unwrap();
    world.rename("/old", "/moved").unwrap();
    world.write("/gone", "again").unwrap();
    world.unlink("/gone").unwrap();
    let all = [
        "M /etc/passwd",
        "A /etc/deep/new",
        "D /etc/hosts",
        "D /link",
        "A /made",
        "A /made/in",
        "A /moved",
        "A /moved/file",
        "D /old",
    ];
    let mut all: Vec<String> = all.map(str::to_owned).to_vec();
    all.sort_by(|a, b| a[2..].cmp(&b[2..]));
    assert_eq!(told(&world), all);
    // The same when the names were listed, so that the host is not asked again.
    world.list("/").unwrap();
    world.list("/etc").unwrap();
    assert_eq!(told(&world), all);
}

#[test]
fn bytes_and_rights_are_changes_and_the_same_bytes_at_the_same_time_are_none() {
    let host = host();
    let world = started(Some(host.path()));
    let file = world.open("/etc/passwd", OpenFlags::READ | OpenFlags::WRITE);
    let object = file.unwrap().object(true).unwrap();
    object.write(0, b"root\n").unwrap();
    assert_eq!(
        told(&world),
        [""; 0],
        "written through a mapping, and the same"
    );
    object.write(0, b"toor\n").unwrap();
    assert_eq!(told(&world), ["M /etc/passwd"]);
    assert_eq!(fs::read(host.path().join("etc/passwd")).unwrap(), b"root\n");
}

#[test]
fn a_tree_without_a_host_tells_what_was_made() {
    let world = started(None);
    world.write("/tmp/file", "text").unwrap();
    world.rmdir("/tmp/none").unwrap_err();
    assert_eq!(told(&world), ["A /tmp/file"]);
}

#[test]
fn what_was_changed_is_kept_as_a_layer() {
    let host = host();
    let world = started(Some(host.path()));
    world.write("/etc/passwd", "changed").unwrap();
    world.unlink("/etc/hosts").unwrap();
    world.mkdir("/made").unwrap();
    world.write("/made/a", "both").unwrap();
    world.link("/made/a", "/made/b").unwrap();
    world.symlink("../etc", "/made/link").unwrap();
    world.write("/made/.wh.x", "no mark").unwrap();
    let file = world.open("/made/large", OpenFlags::WRITE | OpenFlags::CREATE);
    let object = file.unwrap().object(true).unwrap();
    object.write(1 << 30, b"end").unwrap();
    // A directory in place of another one shows nothing of it.
    world.unlink("/old/file").unwrap();
    world.rmdir("/old").unwrap();
    world.mkdir("/old").unwrap();
    let (folder, left_out) = saved(&world);
    let at = |name: &str| folder.path().join(name);
    let text = |name: &str| fs::read_to_string(at(name)).expect("it is there");
    assert_eq!(left_out, ["/made/.wh.x"]);
    assert_eq!(text("etc/passwd"), "changed");
    assert_eq!(text("etc/.wh.hosts"), "");
    assert!(!at("etc/deep").exists());
    assert_eq!(text("made/a"), "both");
    let meta = |name: &str| fs::symlink_metadata(at(name)).expect("it is there");
    assert_eq!(meta("made/a").ino(), meta("made/b").ino());
    assert_eq!(meta("made/a").permissions().mode() & 0o7777, 0o644);
    assert_eq!(meta("made/a").mtime_nsec(), 2_000, "the guest's time");
    assert_eq!(fs::read_link(at("made/link")).unwrap(), Path::new("../etc"));
    assert_eq!(meta("made/large").len(), (1 << 30) + 3);
    assert!(meta("made/large").blocks() < 1000, "holes stay holes");
    assert!(at("old/.wh..wh..opq").exists());
}
