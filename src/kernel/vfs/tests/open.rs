//! Open files: positions, ends of pipes, names that change under them.

use super::*;
use crate::kernel::host::Stream;
use crate::kernel::vfs::{Rename, Whence};

#[test]
fn a_position_can_be_moved_beyond_the_end() {
    let world = World::empty();
    let flags = OpenFlags::READ | OpenFlags::WRITE | OpenFlags::CREATE;
    let file = world.open("/file", flags).unwrap();
    file.write(&world.environment(), None, b"abc", 3).unwrap();
    assert_eq!(file.seek(Whence::End, 10_000), Ok(10_003));
    file.write(&world.environment(), None, b"z", 1).unwrap();
    assert_eq!(file.attributes().unwrap().size, 10_004);
    assert_eq!(file.attributes().unwrap().allocated, 8192);
    assert_eq!(file.seek(Whence::Hole, 0), Ok(4096));
    assert_eq!(file.seek(Whence::Data, 4096), Ok(8192));
    assert_eq!(file.seek(Whence::Data, 10_004), Err(FsError::NoDevice));
    assert_eq!(file.seek(Whence::Start, -1), Err(FsError::Invalid));
    assert_eq!(file.seek(Whence::Here, i64::MAX), Err(FsError::Overflow));
    let mut buf = [1; 4];
    assert_eq!(file.read(&world.environment(), Some(2), &mut buf), Ok(4));
    assert_eq!(&buf, b"c\0\0\0");
}

#[test]
fn appending_goes_to_the_end_wherever_the_position_is() {
    let world = World::empty();
    world.write("/file", "one").unwrap();
    let file = world
        .open("/file", OpenFlags::WRITE | OpenFlags::APPEND)
        .unwrap();
    file.write(&world.environment(), Some(0), b"two", 3)
        .unwrap();
    file.write(&world.environment(), None, b"three", 5).unwrap();
    assert_eq!(world.read("/file").as_deref(), Ok("onetwothree"));
}

#[test]
fn a_path_follows_what_happens_to_the_file() {
    let world = World::empty();
    world.mkdir("/a").unwrap();
    world.write("/a/file", "").unwrap();
    let file = world.open("/a/file", OpenFlags::READ).unwrap();
    world.rename("/a", "/b").unwrap();
    assert_eq!(file.path(), b"/b/file");
    world.write("/other", "").unwrap();
    world
        .rename_how("/other", "/b/file", Rename::Exchange)
        .unwrap();
    assert_eq!(file.path(), b"/other");
    world.unlink("/other").unwrap();
    assert_eq!(file.path(), b"/other (deleted)");
}

#[test]
fn names_removed_and_added_while_a_directory_is_read() {
    let world = World::empty();
    world.mkdir("/d").unwrap();
    for n in 0..50 {
        world.write(&format!("/d/{n:02}"), "").unwrap();
    }
    let directory = world.open("/d", OpenFlags::READ).unwrap();
    let mut seen = Vec::new();
    while let Some(item) = directory.next_item(&world.walker()).unwrap() {
        directory.position.set(item.next);
        let name = String::from_utf8(item.name).unwrap();
        if !name.starts_with('.') {
            world.unlink(&format!("/d/{name}")).unwrap();
            world.write(&format!("/d/x{name}"), "").unwrap();
            seen.push(name);
        }
    }
    assert_eq!(seen.len(), 50);
    assert_eq!(world.list("/d").unwrap().len(), 50);
}

#[test]
fn a_pipe_ends_with_its_writers() {
    let world = World::empty();
    let (reader, writer) = world.vfs.pipe(OpenFlags::empty(), (0, 0), 0).unwrap();
    let mut buf = [0; 10];
    let environment = world.environment();
    assert_eq!(
        reader.read(&environment, None, &mut buf),
        Err(FsError::WouldBlock)
    );
    assert_eq!(writer.write(&environment, None, b"hello", 5), Ok(5));
    assert_eq!(reader.read(&environment, None, &mut buf[..2]), Ok(2));
    assert_eq!(
        reader.read(&environment, Some(0), &mut buf),
        Err(FsError::IllegalSeek)
    );
    drop(writer);
    assert_eq!(reader.read(&environment, None, &mut buf), Ok(3));
    assert_eq!(reader.read(&environment, None, &mut buf), Ok(0));
    let (reader, writer) = world.vfs.pipe(OpenFlags::empty(), (0, 0), 0).unwrap();
    drop(reader);
    assert_eq!(
        writer.write(&environment, None, b"x", 1),
        Err(FsError::BrokenPipe)
    );
}

#[test]
fn small_writes_to_a_pipe_are_whole_and_large_ones_in_parts() {
    let world = World::empty();
    let (reader, writer) = world.vfs.pipe(OpenFlags::empty(), (0, 0), 0).unwrap();
    let environment = world.environment();
    let bytes = vec![7; 70_000];
    assert_eq!(
        writer.write(&environment, None, &bytes, bytes.len()),
        Ok(65_536)
    );
    assert_eq!(
        writer.write(&environment, None, &bytes, bytes.len()),
        Err(FsError::WouldBlock)
    );
    // A slot is free when all of it was read.
    let mut buf = vec![0; 4095];
    reader.read(&environment, None, &mut buf).unwrap();
    assert_eq!(
        writer.write(&environment, None, b"x", 1),
        Err(FsError::WouldBlock)
    );
    reader.read(&environment, None, &mut buf[..1]).unwrap();
    assert_eq!(
        writer.write(&environment, None, &bytes[..4096], 5000),
        Ok(4096)
    );
}

#[test]
fn devices_do_what_their_names_say() {
    let world = World::empty();
    assert_eq!(world.read("/dev/null").as_deref(), Ok(""));
    assert_eq!(world.write("/dev/null", "x"), Ok(()));
    assert_eq!(world.write("/dev/full", "x"), Err(FsError::NoSpace));
    let zero = world.open("/dev/zero", OpenFlags::READ).unwrap();
    let mut buf = [1; 3];
    assert_eq!(zero.read(&world.environment(), None, &mut buf), Ok(3));
    assert_eq!(buf, [0; 3]);
    assert_eq!(world.read("/dev/tty"), Err(FsError::NoDevice));
    let terminal = World::with(
        Rc::new(MemoryHost::new(b"typed").with_terminal()),
        &Setup::default(),
    );
    // Whose terminal `/dev/tty` is knows who makes `/proc`; here nobody does.
    assert_eq!(terminal.read("/dev/tty"), Err(FsError::NoDevice));
    assert_eq!(terminal.read("/dev/pts/0").as_deref(), Ok("typed"));
    let [input, ..] = terminal.vfs.standard_files();
    assert_eq!(input.path(), b"/dev/pts/0");
    assert_eq!(input.terminal(), Some((Stream::Input, Stream::Output)));
}

#[test]
fn a_full_disk_takes_no_more_and_gives_back_what_is_removed() {
    let host = Rc::new(MemoryHost::default());
    let world = World::with(
        host,
        &Setup {
            disk: Some(1 << 20),
            ..Setup::default()
        },
    );
    let flags = OpenFlags::WRITE | OpenFlags::CREATE;
    let file = world.open("/big", flags).unwrap();
    let mut written = 0;
    let chunk = vec![1; 65_536];
    let error = loop {
        match file.write(&world.environment(), None, &chunk, chunk.len()) {
            Ok(count) => written += count,
            Err(error) => break error,
        }
    };
    assert_eq!(error, FsError::NoSpace);
    assert!((900_000..=1 << 20).contains(&written), "{written}");
    drop(file);
    world.unlink("/big").unwrap();
    assert!(world.vfs.space().used() < 65_536);
    let nodes = world.vfs.space().nodes();
    for _ in 0..1000 {
        world.mkdir("/x").unwrap();
        world.rmdir("/x").unwrap();
        world.symlink("y", "/x").unwrap();
        world.link("/x", "/z").unwrap();
        world.unlink("/x").unwrap();
        world.unlink("/z").unwrap();
    }
    assert_eq!(world.vfs.space().nodes(), nodes);
    assert!(world.vfs.space().used() < 65_536);
}
