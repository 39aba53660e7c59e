//! What makes a sentence something else than a plain statement of its speaker: better a fact too few than one that nobody said.

use crate::words::{Word, has_any, sentences, words};

/// The longest message that is looked at, in characters; what is longer was most likely not written for this chat.
const LONGEST: usize = 1000;

/// Whoever uses these asks for work on a text, plays or jokes: nothing in the message counts.
const PLAY: &str = "imagine|pretend|suppose|assume|role play|roleplay|let us play|let us say|let s play|let s say|act as|answer as|\
    you are|summarize|summarise|summary|translate|rewrite|rephrase|paraphrase|proofread|grammar|correct this|fix this|write|draft|\
    example|sentence|story|novel|poem|lyrics|quote|dear|hypothetically|joke|joking|kidding|character|fiction|repeat after me|\
    stell dir vor|stellt euch vor|stellen sie sich vor|angenommen|nehmen wir an|tu so|tun wir so|rollenspiel|spielen wir|du bist|\
    fasse|fass|zusammenfassung|übersetze|übersetz|übersetzen|schreibe|schreib|korrigiere|korrigier|beispiel|geschichte|gedicht|zitat|\
    sehr geehrte|sehr geehrter|scherz|spaß|witz|wiederhole|уяви|уявіть|уявімо|уявимо|припустимо|припустімо|припустім|прикинься|удай|\
    рольова|рольову|зіграймо|пограймо|ти будеш|підсумуй|підсумуйте|переклади|перекладіть|перекажи|напиши|напишіть|перепиши|виправ|\
    виправте|приклад|речення|вірш|цитата|шановний|шановна|шановні|жарт|жартую|скороти|узагальни|казка|оповідання|повтори|\
    представь|представьте|представим|допустим|предположим|притворись|сделай вид|ролевая|ролевую|сыграем|поиграем|ты будешь|перескажи|\
    резюмируй|суммируй|обобщи|переведи|переведите|перепиши|исправь|исправьте|пример|предложение|стих|уважаемый|уважаемая|уважаемые|\
    шутка|шучу|сократи|сказка|рассказ|повтори";

/// Not so, not for sure, not now.
const UNCERTAIN: &str = "not|never|no|nobody|none|nothing|neither|hardly|barely|if|would|could|might|should|maybe|perhaps|probably|\
    possibly|unless|whether|wish|wished|hope|dream|dreamed|dreamt|dreams|almost|nearly|think|guess|believe|will|shall|used to|formerly|\
    nicht|kein|keine|keinen|keinem|keiner|nie|niemals|wenn|falls|würde|wäre|hätte|könnte|sollte|vielleicht|wahrscheinlich|möglicherweise|\
    möchte|wünsche|traum|träume|träumte|fast|beinahe|ob|wohl|glaube|denke|früher|не|ні|ніколи|немає|нема|неправда|якби|якщо|би|б|може|можливо|\
    мабуть|напевно|ймовірно|хотів|хотіла|мрію|снилося|наснилося|наче|ніби|немов|майже|чи|думаю|здається|раніше|колись|нет|никогда|\
    если|бы|может|возможно|наверное|вероятно|хотел|хотела|мечтаю|снилось|приснилось|будто|словно|почти|ли|кажется|раньше|когда то|нету";

/// Somebody else's words.
const REPORTED: &str = "said|says|say|saying|told|tells|tell|wrote|writes|asked|asks|claimed|claims|thinks|thought|heard|according|quoting|\
    sagt|sagte|sagten|gesagt|sagen|meint|meinte|schrieb|schreibt|erzählt|erzählte|behauptet|behauptete|fragte|laut|angeblich|denkt|\
    glaubt|сказав|сказала|сказали|каже|кажуть|говорить|говорив|говорила|пише|написав|написала|питає|спитав|спитала|розповів|розповіла|\
    думає|вважає|мовляв|нібито|сказал|говорит|говорят|говорил|пишет|написал|спросил|спросила|рассказал|рассказала|думает|считает|мол|якобы";

/// What nobody should find in a memory.
const SECRET: &str = "password|passwords|passcode|passphrase|pin|cvv|cvc|iban|ssn|secret|token|api key|card|credit|debit|account number|\
    passport|social security|passwort|passwörter|kennwort|geheimzahl|geheimnis|kreditkarte|karte|kartennummer|kontonummer|ausweis|\
    пароль|паролю|пароля|паролі|паролем|пін|пінкод|картка|картки|картку|картці|карткою|рахунок|паспорт|паспорта|секрет|секретний|\
    пароли|пин|пинкод|карта|карты|карте|карту|картой|картою|карти|счет|счета";

/// What of a message its writer says: up to what is quoted, pasted or introduced with a colon; nothing, where it plays.
pub(crate) fn own_words(text: &str) -> &str {
    let is_command = text.starts_with('/');
    if is_command || text.chars().count() > LONGEST || has_any(&words(text), PLAY) {
        return "";
    }
    let quote = text.find(['“', '”', '„', '«', '»', '"', '`', '>']);
    let colon = text
        .match_indices(':')
        .map(|(at, _)| at)
        .find(|at| text[at + 1..].chars().next().is_none_or(char::is_whitespace));
    let Some(end) = quote.into_iter().chain(colon).min() else { return text };
    // The sentence that introduces it goes, too.
    let whole = text[..end].rfind(['.', '!', '?', '\n']).map_or(0, |at| at + 1);
    &text[..whole]
}

/// Whether a clause says something else than what is so. Its opening, which may deny (`I don't eat meat`), is not in the words.
pub(crate) fn is_reserved(words: &[Word<'_>]) -> bool {
    has_any(words, UNCERTAIN) || has_any(words, REPORTED)
}

/// Whether a text holds a password, a card's number or the like.
pub(crate) fn holds_secret(text: &str) -> bool {
    let digits = |run: &str| run.chars().filter(char::is_ascii_digit).count() >= 13;
    let number =
        text.split(|letter: char| !letter.is_ascii_digit() && letter != ' ' && letter != '-').any(digits);
    let code = |word: &str| {
        let plain = word.trim_matches(|letter: char| !letter.is_alphanumeric());
        plain.len() >= 8
            && plain.contains(|letter: char| letter.is_ascii_digit())
            && plain.contains(|letter: char| letter.is_ascii_alphabetic())
            && !plain.contains("://")
    };
    number || text.split_whitespace().any(code) || has_any(&words(text), SECRET)
}

/// Words that open questions, where people leave the mark out.
const ASKING: &str = "what|who|whose|which|where|when|why|how|do i|do you|did i|does|did|am i|is my|are you|can you|could you|was|wer|wem|\
    wen|wo|wohin|woher|wann|warum|wie|welche|welcher|welches|habe ich|bin ich|weißt du|kannst du|що|хто|чий|чия|де|куди|звідки|коли|\
    чому|як|який|яка|яке|які|скільки|чи|на чому|кто|чей|чья|где|куда|откуда|когда|почему|как|какой|какая|какое|какие|сколько|tell me|\
    do we|скажи|розкажи|расскажи|erzähl mir|памятаєш|помнишь";

/// Whether a sentence asks: by its mark, or by how it opens where it is short.
pub(crate) fn asks(sentence: &str) -> bool {
    let words = words(sentence);
    let start = words
        .iter()
        .take_while(|word| ["hi", "hey", "hello", "and", "und", "і", "а", "и"].contains(&word.bare.as_str()));
    let opening = &words[start.count()..];
    let short = opening.len() <= 9 && !sentence.trim_end().ends_with(['.', '!']) && !sentence.contains(", ");
    sentence.trim_end_matches(['"', '»', '“', ')', ' ']).ends_with('?')
        || (short && ASKING.split('|').any(|phrase| crate::words::starts_with(opening, phrase).is_some()))
}

/// The sentences of somebody's own words that ask nothing.
pub(crate) fn stated(text: &str) -> impl Iterator<Item = &str> {
    sentences(text).filter(|sentence| !asks(sentence))
}
