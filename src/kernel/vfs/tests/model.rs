//! Random operations on a tree in memory, against a model that is a map from paths to files.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::*;

#[derive(Debug, Clone, PartialEq, Eq)]
enum Thing {
    Directory,
    File(u64, String),
}

#[derive(Debug, Clone)]
enum Step {
    Mkdir(String),
    Write(String, String),
    Unlink(String),
    Rmdir(String),
    Rename(String, String),
    Link(String, String),
}

/// Files by number, so that several names can share one.
#[derive(Debug, Default)]
struct Model {
    names: BTreeMap<String, Thing>,
    content: BTreeMap<u64, String>,
    last: u64,
}

impl Model {
    fn parent(&self, path: &str) -> Result<(), FsError> {
        let parent = &path[..path.rfind('/').unwrap_or(0)];
        let mut at = String::new();
        for name in parent.split('/').filter(|name| !name.is_empty()) {
            at = format!("{at}/{name}");
            match self.names.get(&at) {
                Some(Thing::Directory) => {}
                Some(Thing::File(..)) => return Err(FsError::NotDirectory),
                None => return Err(FsError::NotFound),
            }
        }
        Ok(())
    }

    fn children(&self, path: &str) -> bool {
        let prefix = format!("{path}/");
        self.names.keys().any(|name| name.starts_with(&prefix))
    }

    fn step(&mut self, step: &Step) -> Result<(), FsError> {
        match step {
            Step::Mkdir(path) => {
                self.parent(path)?;
                if self.names.contains_key(path) {
                    return Err(FsError::Exists);
                }
                self.names.insert(path.clone(), Thing::Directory);
            }
            Step::Write(path, text) => {
                self.parent(path)?;
                let number = match self.names.get(path) {
                    Some(Thing::Directory) => return Err(FsError::IsDirectory),
                    Some(Thing::File(number, _)) => *number,
                    None => {
                        self.last += 1;
                        let thing = Thing::File(self.last, String::new());
                        self.names.insert(path.clone(), thing);
                        self.last
                    }
                };
                self.content.insert(number, text.clone());
            }
            Step::Unlink(path) => {
                self.parent(path)?;
                match self.names.get(path) {
                    None => return Err(FsError::NotFound),
                    Some(Thing::Directory) => return Err(FsError::IsDirectory),
                    Some(Thing::File(..)) => self.names.remove(path),
                };
            }
            Step::Rmdir(path) => {
                self.parent(path)?;
                match self.names.get(path) {
                    None => return Err(FsError::NotFound),
                    Some(Thing::File(..)) => return Err(FsError::NotDirectory),
                    Some(Thing::Directory) if self.children(path) => return Err(FsError::NotEmpty),
                    Some(Thing::Directory) => self.names.remove(path),
                };
            }
            Step::Rename(old, new) => {
                self.parent(old)?;
                self.parent(new)?;
                let source = self.names.get(old).cloned().ok_or(FsError::NotFound)?;
                let target = self.names.get(new).cloned();
                let directory = source == Thing::Directory;
                if directory && new.starts_with(&format!("{old}/")) {
                    return Err(FsError::Invalid);
                }
                if target == Some(Thing::Directory) && old.starts_with(&format!("{new}/")) {
                    return Err(FsError::NotEmpty);
                }
                if old == new {
                    return Ok(());
                }
                if let (Thing::File(a, _), Some(Thing::File(b, _))) = (&source, &target)
                    && a == b
                {
                    return Ok(());
                }
                match (&source, &target) {
                    (Thing::Directory, Some(Thing::File(..))) => return Err(FsError::NotDirectory),
                    (Thing::File(..), Some(Thing::Directory)) => return Err(FsError::IsDirectory),
                    (Thing::Directory, Some(Thing::Directory)) if self.children(new) => {
                        return Err(FsError::NotEmpty);
                    }
                    _ => {}
                }
                let prefix = format!("{old}/");
                let inside: Vec<String> = self
                    .names
                    .keys()
                    .filter(|name| name.starts_with(&prefix))
                    .cloned()
                    .collect();
                for name in inside {
                    let thing = self.names.remove(&name).expect("just seen");
                    self.names
                        .insert(format!("{new}/{}", &name[prefix.len()..]), thing);
                }
                self.names.remove(old);
                self.names.insert(new.clone(), source);
            }
            Step::Link(old, new) => {
                self.parent(old)?;
                let source = self.names.get(old).cloned().ok_or(FsError::NotFound)?;
                self.parent(new)?;
                if self.names.contains_key(new) {
                    return Err(FsError::Exists);
                }
                if source == Thing::Directory {
                    return Err(FsError::NotPermitted);
                }
                self.names.insert(new.clone(), source);
            }
        }
        Ok(())
    }
}

fn path() -> impl Strategy<Value = String> {
    prop::collection::vec(prop::sample::select(vec!["a", "b", "c"]), 1..4)
        .prop_map(|names| format!("/m/{}", names.join("/")))
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        3 => path().prop_map(Step::Mkdir),
        3 => (path(), "[a-z]{0,9}").prop_map(|(path, text)| Step::Write(path, text)),
        1 => path().prop_map(Step::Unlink),
        1 => path().prop_map(Step::Rmdir),
        3 => (path(), path()).prop_map(|(old, new)| Step::Rename(old, new)),
        1 => (path(), path()).prop_map(|(old, new)| Step::Link(old, new)),
    ]
}

fn compare(world: &World, model: &Model) {
    let mut names = BTreeMap::new();
    let mut todo = vec!["/m".to_owned()];
    while let Some(directory) = todo.pop() {
        for name in world.list(&directory).expect("a directory") {
            let path = format!("{directory}/{name}");
            let entry = world
                .walker()
                .find(&world.context.root, path.as_bytes(), false)
                .unwrap();
            if entry.node.is_directory() {
                todo.push(path.clone());
                names.insert(path, None);
            } else {
                let links = entry.node.meta().links;
                let text = world.read(&path).expect("a file");
                names.insert(path, Some((text, links)));
            }
        }
    }
    let links = |number: u64| {
        let same = |thing: &&Thing| matches!(thing, Thing::File(n, _) if *n == number);
        model.names.values().filter(same).count() as u32
    };
    let expected: BTreeMap<_, _> = model
        .names
        .iter()
        .filter(|(path, _)| *path != "/m")
        .map(|(path, thing)| match thing {
            Thing::Directory => (path.clone(), None),
            Thing::File(n, _) => (path.clone(), Some((model.content[n].clone(), links(*n)))),
        })
        .collect();
    assert_eq!(names, expected);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn the_tree_does_what_the_model_does(steps in prop::collection::vec(step(), 1..60)) {
        let world = World::empty();
        let mut model = Model::default();
        world.mkdir("/m").unwrap();
        model.names.insert("/m".into(), Thing::Directory);
        for step in &steps {
            let expected = model.step(step);
            let found = match step {
                Step::Mkdir(path) => world.mkdir(path),
                Step::Write(path, text) => world.write(path, text),
                Step::Unlink(path) => world.unlink(path),
                Step::Rmdir(path) => world.rmdir(path),
                Step::Rename(old, new) => world.rename(old, new),
                Step::Link(old, new) => world.link(old, new),
            };
            prop_assert_eq!(found, expected, "{:?}", step);
            compare(&world, &model);
        }
    }
}
