//! Twenty more questions, to a group of three people who talk of other things in other words.

use super::conversation::{Case, Conversation, ask};

const CHAT: Conversation = Conversation {
    first: "Jonas: Hallo zusammen, ich heiße Jonas und wohne in Leipzig.
        Оксана: Привіт! Я Оксана, працюю ветеринаркою в Тернополі.
        Felix: Hey all, I'm Felix. I teach chemistry at a secondary school.
        PykhBrain: Welcome! I teach nothing.
        Jonas: Meine Lieblingsband ist Kraftwerk.
        Оксана: Я не їм м'яса вже десять років.
        Felix: My daughter Nora is seven years old.
        Felix: I can't stand olives.
        Jonas: Ich habe zwei Söhne, Emil und Karl.
        Оксана: Мій чоловік Роман грає на бандурі.
        Felix: Our garden is full of slugs again.",
    second: "Felix: We agreed to meet at the boathouse on Saturday at ten.
        PykhBrain: Saturday at ten, then.
        Jonas: Ich bin nach Dresden umgezogen.
        Оксана: Я шукаю нову квартиру біля парку.
        Felix: My old laptop broke, so I use a ThinkPad now.
        Jonas: Der Schlüssel zum Vereinsheim liegt unter dem Blumentopf.
        Оксана: Наша кішка народила чотирьох кошенят.
        Felix: The server costs 40 euros a month.
        Jonas: Am 12. Dezember läuft mein Mietvertrag aus.
        Оксана: Цього літа ми їздили до Карпат.",
    third: "Felix: The meeting at the boathouse is cancelled, we meet on Sunday instead.
        PykhBrain: Sunday it is.
        Оксана: Я записалась на курси кераміки.
        Jonas: Emil hat sich gestern den Arm gebrochen.
        PykhBrain: Oh no!
        Felix: I am training for the marathon in Hamburg.
        Оксана: Номер мого кабінету 214.",
    group: true,
};

const QUESTIONS: [Case; 20] = [
    ask("Jonas", "Wo wohne ich?", "Dresden").not("Leipzig"),
    ask("Felix", "Where does Jonas live?", "Dresden").not("Leipzig"),
    ask("Оксана", "Де я працюю?", "Тернополі"),
    ask("Felix", "What do I teach?", "chemistry"),
    ask("Felix", "How old is my daughter?", "seven"),
    ask("Jonas", "Wie heißen meine Söhne?", "Emil und Karl"),
    ask("Jonas", "Was ist meine Lieblingsband?", "Kraftwerk"),
    ask("Оксана", "На чому грає мій чоловік?", "бандурі"),
    ask("Felix", "Which food do I hate?", "olives"),
    ask("Felix", "When do we meet at the boathouse?", "Sunday"),
    ask("Felix", "What laptop do I use", "ThinkPad"),
    ask("Jonas", "Wo liegt der Schlüssel?", "Blumentopf"),
    ask("Оксана", "Скільки кошенят народила кішка?", "чотирьох"),
    ask("Felix", "How much does the server cost?", "40 euros"),
    ask("Jonas", "Wann läuft mein Mietvertrag aus?", "12. Dezember"),
    ask("Оксана", "Куди ми їздили влітку?", "Карпат"),
    ask("Оксана", "На які курси я записалась?", "кераміки"),
    ask("Jonas", "Was hat Emil sich gebrochen?", "Arm"),
    ask("Felix", "What am I training for?", "marathon"),
    ask("Оксана", "Який номер мого кабінету?", "214"),
];

#[test]
fn seventeen_of_twenty_questions_in_a_group_are_answered() {
    let wrong = CHAT.wrong(&QUESTIONS);
    assert!(wrong.len() <= 3, "{wrong:#?}");
}

#[test]
fn in_a_group_each_is_answered_about_themselves() {
    const TOLD: Conversation = Conversation {
        first: "Olena: I live in Lviv
            Taras: I live in Kyiv",
        second: "Olena: My bike is green
            Taras: My bike is black",
        third: "Olena: I like tea
            Taras: I like coffee
            Taras: our budget is 900 euros",
        group: true,
    };
    let wrong = TOLD.wrong(&[
        ask("Olena", "Where do I live?", "Lviv").not("Kyiv"),
        ask("Taras", "Where do I live?", "Kyiv").not("Lviv"),
        ask("Olena", "Where does Taras live?", "Kyiv").not("Lviv"),
        ask("Olena", "What colour is my bike?", "green").not("black"),
        ask("Taras", "What do I like?", "coffee").not("tea"),
        ask("Olena", "What does Taras like?", "coffee").not("tea"),
        ask("Olena", "What is our budget?", "900"),
        ask("Maria", "Where do I live?", "Nobody has told me"),
    ]);
    assert!(wrong.is_empty(), "{wrong:#?}");
}
