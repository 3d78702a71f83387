//! Who made whom, what each ran, and how it ended: a sink that keeps a tree.
//!
//!     cargo run --release --example process_tree -- GUEST [ARGS]...

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::io;
use std::rc::Rc;

use emu::event::{End, Event};
use emu::prototypes::CallInfo;
use emu::sink::Sink;
use emu::view::View;
use emu::{Builder, GuestSource};

#[derive(Default)]
struct Node {
    programs: Vec<String>,
    end: String,
    children: Vec<i32>,
}

#[derive(Clone, Default)]
struct Tree(Rc<RefCell<BTreeMap<i32, Node>>>);

impl Sink for Tree {
    fn wants(&self, call: Option<&'static CallInfo>) -> bool {
        call.is_some_and(|call| ["fork", "vfork", "clone", "clone3"].contains(&call.name))
    }

    fn event(&mut self, event: &Event<'_>, _: &mut View<'_>) -> io::Result<()> {
        let mut all = self.0.borrow_mut();
        match event {
            Event::Start { task, path, .. } => {
                let path = String::from_utf8_lossy(path).into_owned();
                all.entry(*task).or_default().programs.push(path);
            }
            Event::Exit {
                call,
                end: End::Returned(Ok(child)),
                ..
            } => {
                let parent = all.entry(call.task).or_default();
                parent.children.push(*child as i32);
            }
            Event::TaskEnd { task, status } => {
                all.entry(*task).or_default().end = format!("status {}", status.code());
            }
            _ => {}
        }
        Ok(())
    }

    fn finish(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn show(all: &BTreeMap<i32, Node>, task: i32, depth: usize) {
    let Some(node) = all.get(&task) else { return };
    let programs = node.programs.join(", then ");
    println!("{}{task} {programs} ({})", "  ".repeat(depth), node.end);
    for child in &node.children {
        show(all, *child, depth + 1);
    }
}

fn main() -> Result<(), emu::Error> {
    let mut words = std::env::args().skip(1);
    let guest = words.next().expect("usage: process_tree GUEST [ARGS]...");
    let tree = Tree::default();
    let builder = Builder::new().guest(GuestSource::Host(guest.into()));
    builder
        .args(words)
        .sink(Box::new(tree.clone()))
        .build()?
        .run()?;
    let all = tree.0.borrow();
    let first = all.keys().next().copied().unwrap_or_default();
    show(&all, first, 0);
    Ok(())
}
