//! Where does a path lead?

use super::*;

fn world() -> World {
    let world = World::empty();
    for directory in ["/a", "/a/b", "/a/b/c", "/closed"] {
        world.mkdir(directory).expect(directory);
    }
    for file in ["/file", "/a/file", "/a/b/c/deep"] {
        world.write(file, file).expect(file);
    }
    for (text, path) in [
        ("b", "/a/rel"),
        ("/a/b", "/abs"),
        ("../../../../a/b", "/up"),
        ("nowhere", "/dangling"),
        ("/a/new", "/to-new"),
        ("two", "/one"),
        ("one", "/two"),
        (".", "/a/dot"),
        ("file", "/a/to-file"),
        ("b/", "/a/slashed"),
        ("file/", "/a/file-slashed"),
        ("/", "/top"),
    ] {
        world.symlink(text, path).expect(path);
    }
    world.symlink("/file", "/link0").expect("link0");
    for n in 1..=41 {
        world
            .symlink(&format!("link{}", n - 1), &format!("/link{n}"))
            .expect("a link");
    }
    world
}

#[test]
fn a_path_leads_where_linux_says() {
    let mut world = world();
    let check = |world: &World, path: &str, expected: Result<&str, FsError>| {
        let found = world.find(path, true);
        assert_eq!(found.as_deref().map_err(|error| *error), expected, "{path}");
    };
    for (path, expected) in [
        ("/", Ok("/")),
        ("//", Ok("/")),
        ("/..", Ok("/")),
        ("/../../..", Ok("/")),
        ("/./.", Ok("/")),
        ("/../a", Ok("/a")),
        ("/a/b/..", Ok("/a")),
        ("/a/b/../..", Ok("/")),
        ("/a/b/../../../../a/file", Ok("/a/file")),
        ("/a//b///c", Ok("/a/b/c")),
        ("/a/", Ok("/a")),
        ("/file", Ok("/file")),
        ("/file/", Err(FsError::NotDirectory)),
        ("/file/.", Err(FsError::NotDirectory)),
        ("/file/..", Err(FsError::NotDirectory)),
        ("/file/x", Err(FsError::NotDirectory)),
        ("/nothing", Err(FsError::NotFound)),
        ("/nothing/", Err(FsError::NotFound)),
        ("/nothing/..", Err(FsError::NotFound)),
        ("", Err(FsError::NotFound)),
        ("/a/rel", Ok("/a/b")),
        ("/a/rel/c/deep", Ok("/a/b/c/deep")),
        ("/a/rel/..", Ok("/a")),
        ("/abs", Ok("/a/b")),
        ("/abs/..", Ok("/a")),
        ("/up", Ok("/a/b")),
        ("/up/", Ok("/a/b")),
        ("/dangling", Err(FsError::NotFound)),
        ("/dangling/", Err(FsError::NotFound)),
        ("/one", Err(FsError::Loop)),
        ("/one/x", Err(FsError::Loop)),
        ("/a/dot/dot/dot/b", Ok("/a/b")),
        ("/a/to-file", Ok("/a/file")),
        ("/a/to-file/", Err(FsError::NotDirectory)),
        ("/a/slashed", Ok("/a/b")),
        ("/a/file-slashed", Err(FsError::NotDirectory)),
        ("/top", Ok("/")),
        ("/top/..", Ok("/")),
        ("/top/a/../top/a", Ok("/a")),
        ("/link39", Ok("/file")),
        ("/link40", Err(FsError::Loop)),
        ("/a/file\0", Err(FsError::NotFound)),
    ] {
        check(&world, path, expected);
    }
    let cwd = world
        .walker()
        .find(&world.context.root, b"/a/b", true)
        .expect("a directory");
    world.context.cwd = cwd;
    for (path, expected) in [
        (".", Ok("/a/b")),
        ("..", Ok("/a")),
        ("c", Ok("/a/b/c")),
        ("./c/deep", Ok("/a/b/c/deep")),
        ("../file", Ok("/a/file")),
        ("../../../../../..", Ok("/")),
    ] {
        check(&world, path, expected);
    }
}

#[test]
fn the_last_link_is_followed_only_when_asked_or_with_a_slash() {
    let world = world();
    for (path, expected) in [
        ("/abs", Ok("/abs")),
        ("/abs/", Ok("/a/b")),
        ("/dangling", Ok("/dangling")),
        ("/one", Ok("/one")),
        ("/a/rel/c", Ok("/a/b/c")),
        ("/a/to-file/", Err(FsError::NotDirectory)),
    ] {
        let found = world.find(path, false);
        assert_eq!(found.as_deref().map_err(|error| *error), expected, "{path}");
    }
}

#[test]
fn names_and_paths_have_a_longest_length() {
    let world = world();
    let name = "n".repeat(255);
    world.write(&format!("/{name}"), "").expect("255 bytes fit");
    assert_eq!(
        world.find(&format!("/{name}"), true),
        Ok(format!("/{name}"))
    );
    assert_eq!(
        world.find(&format!("/{name}n"), true),
        Err(FsError::NameTooLong)
    );
    assert_eq!(
        world.write(&format!("/{name}n"), ""),
        Err(FsError::NameTooLong)
    );
    let long = "/.".repeat(2047);
    assert_eq!(world.find(&long, true), Ok("/".into()));
    assert_eq!(
        world.find(&format!("{long}//"), true),
        Err(FsError::NameTooLong)
    );
}

#[test]
fn a_changed_root_is_the_top() {
    let mut world = world();
    world.context.root = world
        .walker()
        .find(&world.context.root, b"/a", true)
        .expect("/a");
    for (path, expected) in [
        ("/", Ok("/")),
        ("/..", Ok("/")),
        ("/b/../../../file", Ok("/file")),
        ("/rel/c/../../..", Ok("/")),
        ("/a", Err(FsError::NotFound)),
        // Its text begins at the new root.
        ("/rel/../../abs", Err(FsError::NotFound)),
    ] {
        world.context.cwd = world.context.root.clone();
        let found = world.find(path, true);
        assert_eq!(found.as_deref().map_err(|error| *error), expected, "{path}");
    }
}

#[test]
fn creation_finds_its_place_through_links() {
    let world = world();
    for (path, expected) in [
        ("/a/b/new", Ok("/a/b/new")),
        ("/to-new", Ok("/a/new")),
        ("/dangling", Ok("/nowhere")),
        ("/new/", Err(FsError::IsDirectory)),
        ("/a", Err(FsError::IsDirectory)),
        ("/a/", Err(FsError::IsDirectory)),
        ("/", Err(FsError::IsDirectory)),
        ("/.", Err(FsError::IsDirectory)),
        ("/file/new", Err(FsError::NotDirectory)),
        ("/nothing/new", Err(FsError::NotFound)),
        ("/one", Err(FsError::Loop)),
    ] {
        let opened = world.open(path, OpenFlags::WRITE | OpenFlags::CREATE);
        let path_of = |file: Rc<OpenFile>| String::from_utf8(file.path()).expect("text");
        assert_eq!(
            opened.map(path_of).as_deref().map_err(|e| *e),
            expected,
            "{path}"
        );
    }
    let exclusive = OpenFlags::WRITE | OpenFlags::CREATE | OpenFlags::EXCLUSIVE;
    for path in ["/two", "/abs", "/file", "/", "/a/."] {
        assert_eq!(
            world.open(path, exclusive).err(),
            Some(FsError::Exists),
            "{path}"
        );
    }
}

#[test]
fn limits_hold_a_walk_in() {
    let world = world();
    let start = world
        .walker()
        .find(&world.context.root, b"/a", true)
        .expect("/a");
    let check = |path: &str, limits, expected: Result<&str, FsError>| {
        let found = world
            .walker()
            .find_within(&start, path.as_bytes(), true, limits);
        let found = found.map(|entry| String::from_utf8(entry.path()).expect("text"));
        assert_eq!(
            found.as_deref().map_err(|e| *e),
            expected,
            "{path} {limits:?}"
        );
    };
    check("b/c", Limits::BENEATH, Ok("/a/b/c"));
    check("b/../file", Limits::BENEATH, Ok("/a/file"));
    check("..", Limits::BENEATH, Err(FsError::CrossDevice));
    check("b/../../a", Limits::BENEATH, Err(FsError::CrossDevice));
    check("/a", Limits::BENEATH, Err(FsError::CrossDevice));
    check("..", Limits::IN_ROOT, Ok("/a"));
    check("/b", Limits::IN_ROOT, Ok("/a/b"));
    check("../../b/c", Limits::IN_ROOT, Ok("/a/b/c"));
    check("rel", Limits::NO_SYMLINKS, Err(FsError::Loop));
    check("b", Limits::NO_SYMLINKS, Ok("/a/b"));
    check("../dev", Limits::NO_MOUNTS, Err(FsError::CrossDevice));
    check("../tmp", Limits::NO_MOUNTS, Ok("/tmp"));
}

#[test]
fn a_directory_without_x_is_not_searched() {
    let mut world = world();
    let closed = world
        .walker()
        .find(&world.context.root, b"/a/b", true)
        .expect("/a/b");
    world.walker().set_mode(&closed, 0o600).expect("root may");
    assert_eq!(world.find("/a/b/c", true), Ok("/a/b/c".into()));
    world.who = Who {
        uid: 1000,
        gid: 1000,
        all: false,
        owner: false,
        ..Who::root()
    };
    assert_eq!(world.find("/a/b", true), Ok("/a/b".into()));
    assert_eq!(world.find("/a/b/c", true), Err(FsError::Access));
    assert_eq!(world.find("/a/rel/c", true), Err(FsError::Access));
    assert_eq!(world.write("/a/mine", ""), Err(FsError::Access));
    assert_eq!(world.write("/tmp/mine", ""), Ok(()));
    assert_eq!(
        world.walker().set_mode(&closed, 0o777),
        Err(FsError::NotPermitted)
    );
}
