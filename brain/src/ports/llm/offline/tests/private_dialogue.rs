//! Twenty questions to a private chat of three sessions.

use super::conversation::{Case, Conversation, ask};

const CHAT: Conversation = Conversation {
    first: "Marta: Hi! My name is Marta and I live in Kharkiv.
        PykhBrain: Nice to meet you, Marta! My name is PykhBrain and I live in a server.
        Marta: I work as a translator for a small publishing house.
        Marta: My favourite drink is jasmine tea.
        PykhBrain: My favourite drink is electricity.
        Marta: У мене є кіт, його звати Пончик.
        Marta: I'm allergic to walnuts, so no walnut cake for me.
        Marta: My brother Danylo studies physics in Vienna.
        Marta: lol that was funny
        Marta: My birthday is on 17 March.
        Marta: Мій улюблений письменник — Іван Франко.
        PykhBrain: Do you like poetry?
        Marta: I don't like horror films.
        Marta: We decided to spend New Year in the mountains.",
    second: "Marta: I have moved to Poltava, the flat there is cheaper.
        PykhBrain: Poltava! You lived in Kharkiv before.
        Marta: My dentist appointment is on Thursday at 15:30.
        Marta: Ich lerne seit zwei Monaten Deutsch bei Frau Keller.
        Marta: Моя сестра Соломія виходить заміж у серпні.
        Marta: I bought a red bicycle at the flea market.
        Marta: What should I cook tonight?
        PykhBrain: Perhaps soup.
        Marta: The password of the guest wifi is tulip-42.
        Marta: На день народження мама подарувала мені акваріум.
        Marta: Мой начальник Виктор сейчас в отпуске.
        Marta: I'm reading a novel about Antarctica.",
    third: "Marta: Good morning!
        PykhBrain: Good morning, Marta!
        Marta: The dentist moved my appointment to Friday at 9:00.
        PykhBrain: All right.
        Marta: I sold the bicycle because it was too small.
        PykhBrain: Thank you, I will remember.
        Marta: My flight to Lisbon leaves on 5 November.
        PykhBrain: Have a good flight!
        Marta: Danylo will visit me next weekend.
        PykhBrain: How nice.
        Marta: Я більше не п'ю каву, тільки чай.
        PykhBrain: Гаразд!
        Marta: My new phone number is 0671234567.",
    group: false,
};

const QUESTIONS: [Case; 20] = [
    ask("Marta", "What is my name?", "Marta"),
    ask("Marta", "Where do I live now?", "Poltava").not("Kharkiv"),
    ask("Marta", "What do I do for a living?", "translator"),
    ask("Marta", "What's my favourite drink?", "jasmine tea"),
    ask("Marta", "Як звати мого кота?", "Пончик"),
    ask("Marta", "what am i allergic to", "walnuts"),
    ask("Marta", "What does my brother study?", "physics"),
    ask("Marta", "When is my birthday?", "17 March"),
    ask("Marta", "Хто мій улюблений письменник?", "Франко"),
    ask("Marta", "When is my dentist appointment?", "Friday at 9:00"),
    ask("Marta", "Bei wem lerne ich Deutsch?", "Keller"),
    ask("Marta", "Коли виходить заміж моя сестра?", "у серпні"),
    ask("Marta", "Do you remember the guest wifi password?", "tulip-42"),
    ask("Marta", "Що мені подарувала мама?", "акваріум"),
    ask("Marta", "Кто мой начальник?", "Виктор"),
    ask("Marta", "Why did I sell the bicycle?", "too small"),
    ask("Marta", "When do I fly to Lisbon?", "5 November"),
    ask("Marta", "Who will visit me?", "Danylo"),
    ask("Marta", "Wo lebe ich?", "Poltava").not("Kharkiv"),
    ask("Marta", "What is my phone number?", "0671234567"),
];

#[test]
fn nineteen_of_twenty_questions_over_three_sessions_are_answered() {
    let wrong = CHAT.wrong(&QUESTIONS);
    assert!(wrong.len() <= 1, "{wrong:#?}");
}
