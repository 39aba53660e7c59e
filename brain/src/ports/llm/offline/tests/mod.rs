//! The offline model in conversations: what it is told in one session it knows in the next.

mod conversation;
#[path = "/tmp/h/offline/heldout/held_out.rs"]
mod held_out;
#[path = "/tmp/h/offline/heldout/h2.rs"]
mod h2;
#[path = "/tmp/h/offline/heldout/h3.rs"]
mod h3;
mod group_dialogue;
mod limits;
mod operations;
mod private_dialogue;
#[test]
fn dump() {
    for f in conversation::facts(private_dialogue::CHAT.first).iter().chain(&conversation::facts(group_dialogue::CHAT.first)) { println!("{f}"); }
    for f in conversation::facts(private_dialogue::CHAT.second).iter().chain(&conversation::facts(group_dialogue::CHAT.second)) { println!("2 {f}"); }
    for f in conversation::facts(private_dialogue::CHAT.third).iter().chain(&conversation::facts(group_dialogue::CHAT.third)) { println!("3 {f}"); }
}
