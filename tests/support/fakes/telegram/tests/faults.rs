//! What goes wrong, as teloxide sees it.

use std::time::{Duration, Instant};

use teloxide::{
    ApiError, RequestError,
    payloads::SendMessageSetters,
    requests::Requester,
    types::{ChatId, ParseMode, Seconds},
};

use super::{
    super::{Breaches, Call, FakeTelegram, Fault},
    ANN, GROUP, LONG, api_error, start, texts,
};

#[tokio::test]
async fn each_fault_hits_one_message_of_its_chat_and_the_next_one_passes() {
    let (telegram, bot) = start().await;
    telegram.fail_next_sends(
        ANN.0,
        vec![
            Fault::TooManyRequests { retry_after: 7 },
            Fault::Forbidden("bot was blocked by the user"),
            Fault::MigrateTo(-5),
            Fault::BadRequest("chat not found"),
        ],
    );
    let send = || async { bot.send_message(ANN, "x").await };
    bot.send_message(GROUP, "elsewhere").await.unwrap();
    assert!(matches!(send().await, Err(RequestError::RetryAfter(wait)) if wait == Seconds::from_seconds(7)));
    assert_eq!(api_error(send().await.unwrap_err()), ApiError::BotBlocked);
    assert!(matches!(send().await, Err(RequestError::MigrateToChatId(ChatId(-5)))));
    assert_eq!(api_error(send().await.unwrap_err()), ApiError::ChatNotFound);
    send().await.unwrap();
    assert_eq!(texts(&telegram.sent()), ["elsewhere", "x"]);
}

#[tokio::test]
async fn the_status_and_the_header_say_the_same_as_the_body() {
    let (telegram, _) = start().await;
    telegram.fail_next_calls("getMe", vec![Fault::ServerError, Fault::TooManyRequests { retry_after: 7 }]);
    // Not with teloxide, which waits ten seconds before it hands over a 5xx and hides the headers.
    let url = format!("{}/bot{}/getMe", telegram.url(), FakeTelegram::TOKEN);
    assert_eq!(reqwest::get(&url).await.unwrap().status(), 500);
    let limited = reqwest::get(&url).await.unwrap();
    assert_eq!((limited.status().as_u16(), &limited.headers()["retry-after"]), (429, &"7".parse().unwrap()));
    assert_eq!(reqwest::get(&url).await.unwrap().status(), 200);
}

#[tokio::test]
async fn a_parse_error_passes_plain_text_and_waits_for_markup() {
    let (telegram, bot) = start().await;
    telegram.fail_next_sends(ANN.0, vec![Fault::ParseError]);
    bot.send_message(ANN, "plain").await.unwrap();
    let markup = || async { bot.send_message(ANN, "<b>x</b>").parse_mode(ParseMode::Html).await };
    assert!(matches!(api_error(markup().await.unwrap_err()), ApiError::CantParseEntities(_)));
    markup().await.unwrap();
    assert_eq!(texts(&telegram.sent()), ["plain", "x"]);
}

#[tokio::test]
async fn a_connection_is_cut_before_or_after_the_message_is_accepted() {
    let (telegram, bot) = start().await;
    telegram.fail_next_sends(ANN.0, vec![Fault::CutBeforeAccept, Fault::CutAfterAccept]);
    let before = bot.send_message(ANN, "before").await;
    assert!(matches!(before, Err(RequestError::Network(_))), "{before:?}");
    assert_eq!(telegram.sent().len(), 0);
    let after = bot.send_message(ANN, "after").await;
    assert!(matches!(after, Err(RequestError::Network(_))), "{after:?}");
    assert_eq!(texts(&telegram.sent()), ["after"]);
    assert_eq!(telegram.calls("sendMessage").len(), 2, "the client did not try again by itself");
}

#[tokio::test]
async fn a_hanging_message_is_not_accepted_and_a_late_answer_is_to_one_that_was() {
    let (telegram, bot) = start().await;
    telegram.on_send(|message| match message.raw.as_str() {
        "hang" => Some(Fault::Hang),
        "delay" => Some(Fault::Delay(LONG)),
        "late" => Some(Fault::AnswerLate(LONG)),
        _ => None,
    });
    for text in ["hang", "delay", "late"] {
        let arrived = |calls: &[Call]| calls.iter().any(|call| call.form.text("text") == Some(text));
        tokio::select! {
            answer = bot.send_message(ANN, text) => panic!("answered: {answer:?}"),
            calls = telegram.wait_for_calls(arrived, LONG) => assert!(calls.is_ok()),
        }
    }
    let sent = telegram.wait_for(|sent| !sent.is_empty(), LONG).await.unwrap();
    assert_eq!(texts(&sent), ["late"]);
}

#[tokio::test]
async fn a_delay_is_before_the_message_is_accepted_and_a_late_answer_after_it() {
    let (telegram, bot) = start().await;
    let time = Duration::from_millis(30);
    telegram.fail_next_sends(ANN.0, vec![Fault::Delay(time), Fault::AnswerLate(time)]);
    bot.send_message(ANN, "delayed").await.unwrap();
    bot.send_message(ANN, "answered late").await.unwrap();
    let answered = Instant::now();
    let (sent, calls) = (telegram.sent(), telegram.calls("sendMessage"));
    assert!(sent[0].at - calls[0].at >= time);
    assert!(answered - sent[1].at >= time);
}

#[tokio::test]
async fn breaches_of_the_limits_earn_a_429_once_they_are_enforced() {
    let (telegram, bot) = start().await;
    for _ in 0..5 {
        bot.send_message(ANN, "before").await.unwrap();
    }
    telegram.enforce_limits();
    for _ in 0..3 {
        bot.send_message(ANN, "within").await.unwrap();
    }
    assert!(matches!(bot.send_message(ANN, "beyond").await, Err(RequestError::RetryAfter(_))));
    assert_eq!(telegram.limit_breaches(), Breaches { private_chat: 1, ..Breaches::default() });
}
