//! Over a directory of the host: what is read comes from there, what is changed stays in memory.

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};

use tempfile::TempDir;

use super::*;
use crate::kernel::vfs::{FileType, Rename};

fn host() -> TempDir {
    let host = TempDir::new().expect("a temporary directory");
    let at = |name: &str| host.path().join(name);
    fs::create_dir_all(at("etc/deep/er")).expect("directories");
    fs::write(at("etc/passwd"), "root of the guest\n").expect("a file");
    fs::write(at("etc/deep/one"), "1").expect("a file");
    fs::write(at("etc/deep/two"), "2").expect("a file");
    fs::write(at("big"), vec![b'x'; 10_000]).expect("a file");
    fs::hard_link(at("big"), at("big2")).expect("a link");
    symlink("/etc/passwd", at("link")).expect("a symlink");
    host
}

/// All that is on the host, to see that it stays.
fn snapshot(host: &TempDir) -> Vec<(String, String)> {
    let mut all = Vec::new();
    let mut todo = vec![host.path().to_path_buf()];
    while let Some(directory) = todo.pop() {
        for entry in fs::read_dir(directory).expect("readable") {
            let path = entry.expect("readable").path();
            let meta = fs::symlink_metadata(&path).expect("there");
            let content = if meta.is_file() {
                String::from_utf8(fs::read(&path).expect("readable")).expect("text")
            } else {
                String::new()
            };
            let about = format!("{:o} {content}", meta.permissions().mode());
            all.push((path.display().to_string(), about));
            if meta.is_dir() {
                todo.push(path);
            }
        }
    }
    all.sort();
    all
}

#[test]
fn the_host_is_read_and_never_changed() {
    let host = host();
    let before = snapshot(&host);
    let world = World::over(Some(host.path()), &[]);
    assert_eq!(
        world.read("/etc/passwd").as_deref(),
        Ok("root of the guest\n")
    );
    assert_eq!(world.read("/link").as_deref(), Ok("root of the guest\n"));
    world.write("/etc/passwd", "changed").unwrap();
    assert_eq!(world.read("/link").as_deref(), Ok("changed"));
    world.write("/etc/deep/three", "3").unwrap();
    world.unlink("/etc/deep/one").unwrap();
    assert_eq!(world.list("/etc/deep").unwrap(), ["er", "three", "two"]);
    assert_eq!(world.read("/etc/deep/one"), Err(FsError::NotFound));
    world.write("/etc/deep/one", "new").unwrap();
    assert_eq!(
        world.list("/etc/deep").unwrap(),
        ["er", "one", "three", "two"]
    );
    assert_eq!(world.read("/etc/deep/one").as_deref(), Ok("new"));
    let two = world
        .walker()
        .find(&world.context.root, b"/etc/deep/two", true)
        .unwrap();
    world.walker().set_mode(&two, 0o400).unwrap();
    world.walker().truncate(&two, 0).unwrap();
    assert_eq!(snapshot(&host), before);
}

#[test]
fn a_moved_directory_keeps_what_the_host_has_in_it() {
    let host = host();
    let before = snapshot(&host);
    let world = World::over(Some(host.path()), &[]);
    world.rename("/etc/deep", "/elsewhere").unwrap();
    assert_eq!(world.read("/elsewhere/two").as_deref(), Ok("2"));
    assert_eq!(world.find("/etc/deep", true), Err(FsError::NotFound));
    assert_eq!(
        world.list("/etc").unwrap(),
        ["hostname", "hosts", "passwd", "resolv.conf"]
    );
    world.mkdir("/etc/deep").unwrap();
    assert_eq!(world.list("/etc/deep").unwrap(), Vec::<String>::new());
    assert_eq!(world.rmdir("/elsewhere"), Err(FsError::NotEmpty));
    for name in ["one", "two"] {
        world.unlink(&format!("/elsewhere/{name}")).unwrap();
    }
    world.rmdir("/elsewhere/er").unwrap();
    world.rmdir("/elsewhere").unwrap();
    assert_eq!(world.find("/elsewhere", true), Err(FsError::NotFound));
    assert_eq!(snapshot(&host), before);
}

#[test]
fn a_removed_file_stays_as_long_as_it_is_open() {
    let host = host();
    let world = World::over(Some(host.path()), &[]);
    let file = world
        .open("/etc/passwd", OpenFlags::READ | OpenFlags::WRITE)
        .unwrap();
    world.unlink("/etc/passwd").unwrap();
    assert_eq!(world.read_file(&file).unwrap(), b"root of the guest\n");
    assert_eq!(file.path(), b"/etc/passwd (deleted)");
    assert_eq!(file.attributes().unwrap().meta.links, 0);
    assert_eq!(world.read("/link"), Err(FsError::NotFound));
}

#[test]
fn names_of_one_file_on_the_host_are_names_of_one_file() {
    let host = host();
    let world = World::over(Some(host.path()), &[]);
    let attributes = |path: &str| {
        let entry = world
            .walker()
            .find(&world.context.root, path.as_bytes(), true)
            .unwrap();
        world.walker().attributes(&entry).unwrap()
    };
    assert_eq!(attributes("/big").ino, attributes("/big2").ino);
    assert_eq!(attributes("/big").meta.links, 2);
    world.write("/big", "small").unwrap();
    assert_eq!(world.read("/big2").as_deref(), Ok("small"));
}

#[test]
fn inode_numbers_do_not_come_from_the_host() {
    let numbers = || {
        let host = host();
        let world = World::over(Some(host.path()), &[]);
        let directory = world.open("/", OpenFlags::READ).unwrap();
        let mut all = Vec::new();
        while let Some(item) = directory.next_item(&world.walker()).unwrap() {
            directory.position.set(item.next);
            all.push((item.name, item.ino));
        }
        all
    };
    assert_eq!(numbers(), numbers());
}

#[test]
fn everything_of_the_host_belongs_to_root() {
    let host = host();
    fs::set_permissions(host.path().join("big"), fs::Permissions::from_mode(0o4751)).unwrap();
    let world = World::over(Some(host.path()), &[]);
    let entry = world
        .walker()
        .find(&world.context.root, b"/big", true)
        .unwrap();
    let attributes = world.walker().attributes(&entry).unwrap();
    assert_eq!((attributes.meta.uid, attributes.meta.gid), (0, 0));
    assert_eq!(attributes.meta.mode, 0o4751);
    assert_eq!(attributes.size, 10_000);
    assert_eq!(attributes.file_type, FileType::Regular);
    assert_eq!(attributes.meta.accessed, attributes.meta.modified);
}

#[test]
fn a_fifo_of_the_host_is_seen_and_never_opened() {
    let host = host();
    let fifo = host.path().join("fifo");
    rustix::fs::mknodat(
        rustix::fs::CWD,
        &fifo,
        rustix::fs::FileType::Fifo,
        rustix::fs::Mode::from_raw_mode(0o666),
        0,
    )
    .unwrap();
    let world = World::over(Some(host.path()), &[]);
    let entry = world
        .walker()
        .find(&world.context.root, b"/fifo", true)
        .unwrap();
    assert_eq!(entry.node.file_type(), FileType::Fifo);
    assert_eq!(world.read("/fifo"), Err(FsError::NoDevice));
    assert_eq!(world.write("/fifo", "x"), Err(FsError::NoDevice));
    world.unlink("/fifo").unwrap();
    assert!(fifo.exists() || fs::symlink_metadata(&fifo).is_ok());
}

#[test]
fn a_plain_bind_keeps_changes_and_a_writable_one_makes_them() {
    let (root, plain, writable) = (host(), host(), host());
    let before = (snapshot(&root), snapshot(&plain));
    let world = World::over(
        Some(root.path()),
        &[
            (plain.path(), "/mnt/plain", false),
            (writable.path(), "/mnt/rw", true),
        ],
    );
    world.write("/mnt/plain/etc/passwd", "kept").unwrap();
    assert_eq!(world.read("/mnt/plain/etc/passwd").as_deref(), Ok("kept"));
    let at = |name: &str| writable.path().join(name);
    world.write("/mnt/rw/etc/passwd", "made").unwrap();
    assert_eq!(fs::read_to_string(at("etc/passwd")).unwrap(), "made");
    world.write("/mnt/rw/new", "n").unwrap();
    world.mkdir("/mnt/rw/dir").unwrap();
    world.symlink("../new", "/mnt/rw/dir/link").unwrap();
    world.link("/mnt/rw/new", "/mnt/rw/dir/hard").unwrap();
    world.rename("/mnt/rw/dir", "/mnt/rw/moved").unwrap();
    assert_eq!(world.read("/mnt/rw/moved/link").as_deref(), Ok("n"));
    assert_eq!(fs::read_to_string(at("moved/hard")).unwrap(), "n");
    assert_eq!(
        fs::read_link(at("moved/link")).unwrap().to_str(),
        Some("../new")
    );
    assert_eq!(world.list("/mnt/rw/moved").unwrap(), ["hard", "link"]);
    let file = world
        .walker()
        .find(&world.context.root, b"/mnt/rw/new", true)
        .unwrap();
    world.walker().set_mode(&file, 0o640).unwrap();
    assert_eq!(
        fs::metadata(at("new")).unwrap().permissions().mode() & 0o7777,
        0o640
    );
    world.walker().truncate(&file, 3).unwrap();
    assert_eq!(fs::read(at("new")).unwrap(), b"n\0\0");
    world.unlink("/mnt/rw/new").unwrap();
    assert!(!at("new").exists());
    assert_eq!(world.rmdir("/mnt/rw/moved"), Err(FsError::NotEmpty));
    // What the host does is seen at once.
    fs::write(at("from-host"), "h").unwrap();
    assert_eq!(world.read("/mnt/rw/from-host").as_deref(), Ok("h"));
    fs::remove_file(at("from-host")).unwrap();
    assert_eq!(world.read("/mnt/rw/from-host"), Err(FsError::NotFound));
    assert_eq!((snapshot(&root), snapshot(&plain)), before);
}

#[test]
fn a_single_file_can_be_bound() {
    let host = host();
    let world = World::over(
        None,
        &[
            (&host.path().join("etc/passwd"), "/etc/passwd", false),
            (&host.path().join("etc/deep/one"), "/rw", true),
        ],
    );
    assert_eq!(
        world.read("/etc/passwd").as_deref(),
        Ok("root of the guest\n")
    );
    assert_eq!(world.unlink("/etc/passwd"), Err(FsError::Busy));
    assert_eq!(
        world.rename("/etc/passwd", "/etc/other"),
        Err(FsError::Busy)
    );
    world.write("/rw", "written").unwrap();
    assert_eq!(
        fs::read_to_string(host.path().join("etc/deep/one")).unwrap(),
        "written"
    );
    assert_eq!(world.unlink("/rw"), Err(FsError::Busy));
}

#[test]
fn nothing_moves_from_one_file_system_to_another() {
    let (root, bound) = (host(), host());
    let world = World::over(Some(root.path()), &[(bound.path(), "/mnt", true)]);
    assert_eq!(
        world.rename("/etc/passwd", "/mnt/passwd"),
        Err(FsError::CrossDevice)
    );
    assert_eq!(world.rename("/mnt/big", "/big"), Err(FsError::CrossDevice));
    assert_eq!(world.link("/mnt/big", "/big3"), Err(FsError::CrossDevice));
    assert_eq!(world.rename("/mnt", "/elsewhere"), Err(FsError::Busy));
    assert_eq!(world.rmdir("/mnt"), Err(FsError::Busy));
    assert_eq!(
        world.rename_how("/etc", "/mnt", Rename::Exchange),
        Err(FsError::Busy)
    );
    assert_eq!(
        world.rename("/mnt/etc", "/mnt/etc/deep/in"),
        Err(FsError::Invalid)
    );
}

#[test]
fn what_is_written_through_a_mapping_of_a_writable_bind_reaches_the_host() {
    let bound = host();
    let world = World::over(None, &[(bound.path(), "/mnt", true)]);
    let file = world
        .open("/mnt/etc/passwd", OpenFlags::READ | OpenFlags::WRITE)
        .unwrap();
    let pages = file.object(true).unwrap();
    drop(file);
    pages.write(0, b"ROOT").unwrap();
    assert_eq!(
        world.read("/mnt/etc/passwd").as_deref(),
        Ok("ROOT of the guest\n")
    );
    let at = bound.path().join("etc/passwd");
    assert_eq!(fs::read_to_string(&at).unwrap(), "root of the guest\n");
    drop(world);
    assert_eq!(fs::read_to_string(&at).unwrap(), "ROOT of the guest\n");
}
