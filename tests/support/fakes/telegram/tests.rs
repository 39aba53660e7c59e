//! The fake as teloxide, the real client, sees it.

mod faults;

use std::time::Duration;

use serde_json::json;
use teloxide::{
    ApiError, Bot, RequestError,
    payloads::{
        EditMessageTextSetters, GetMyCommandsSetters, GetUpdatesSetters, SendDocumentSetters,
        SendMessageSetters, SetMyCommandsSetters, SetWebhookSetters,
    },
    requests::Requester,
    types::{
        AllowedUpdate, BotCommand, BotCommandScope, CallbackQueryId, ChatAction, ChatId,
        InlineKeyboardButton, InlineKeyboardMarkup, InputFile, MessageId, ParseMode, ReplyParameters,
        ThreadId, UserId,
    },
};

use super::{FakeTelegram, Sent};

const ANN: ChatId = ChatId(42);
const GROUP: ChatId = ChatId(-1_001_234_567_890);
const LONG: Duration = Duration::from_secs(30);

async fn start() -> (FakeTelegram, Bot) {
    let telegram = FakeTelegram::start().await;
    let bot = Bot::new(FakeTelegram::TOKEN).set_api_url(telegram.url().parse().unwrap());
    (telegram, bot)
}

fn texts(sent: &[Sent]) -> Vec<&str> {
    sent.iter().map(|sent| sent.text.as_str()).collect()
}

fn api_error(error: RequestError) -> ApiError {
    match error {
        RequestError::Api(error) => error,
        other => panic!("no refusal of Telegram's: {other}"),
    }
}

#[tokio::test]
async fn the_bot_is_who_its_token_says() {
    let (telegram, bot) = start().await;
    let me = bot.get_me().await.unwrap();
    assert_eq!((me.id, me.username()), (UserId(7_000_000_001), FakeTelegram::BOT_USERNAME));
    let other = Bot::new("5:another").set_api_url(telegram.url().parse().unwrap());
    assert_eq!(other.get_me().await.unwrap().id, UserId(5));
    let nobody = Bot::new("nonsense").set_api_url(telegram.url().parse().unwrap());
    assert_eq!(api_error(nobody.get_me().await.unwrap_err()), ApiError::InvalidToken);
}

#[tokio::test]
async fn an_accepted_message_is_kept_with_all_that_a_test_asks_for() {
    let (telegram, bot) = start().await;
    let answer = bot
        .send_message(GROUP, "<b>1 &lt; 2</b>\n")
        .parse_mode(ParseMode::Html)
        .message_thread_id(ThreadId(MessageId(9)))
        .reply_parameters(ReplyParameters::new(MessageId(7)))
        .await
        .unwrap();
    bot.send_message(ANN, "1 < 2").await.unwrap();

    let sent = telegram.sent_to(GROUP.0);
    assert_eq!(texts(&sent), ["1 < 2"]);
    assert_eq!(sent[0].raw, "<b>1 &lt; 2</b>\n");
    assert_eq!(sent[0].parse_mode.as_deref(), Some("HTML"));
    assert_eq!((sent[0].thread_id, sent[0].reply_to), (Some(9), Some(7)));
    assert_eq!(i64::from(answer.id.0), sent[0].message_id);
    assert_eq!(
        (answer.text(), answer.chat.id, answer.thread_id),
        (Some("1 < 2"), GROUP, Some(ThreadId(MessageId(9))))
    );
    assert_eq!(texts(&telegram.sent()), ["1 < 2", "1 < 2"]);
    assert!(telegram.sent()[1].message_id > sent[0].message_id);
}

#[tokio::test]
async fn what_telegram_would_refuse_is_refused() {
    let (telegram, bot) = start().await;
    let html = bot.send_message(ANN, "<b>x").parse_mode(ParseMode::Html);
    assert!(matches!(api_error(html.await.unwrap_err()), ApiError::CantParseEntities(_)));
    for empty in ["", " \n"] {
        assert_eq!(api_error(bot.send_message(ANN, empty).await.unwrap_err()), ApiError::MessageTextIsEmpty);
    }
    // An emoji is two UTF-16 units.
    let longest = "😀".repeat(2048);
    bot.send_message(ANN, format!("<i>{longest}</i>")).parse_mode(ParseMode::Html).await.unwrap();
    let longer = bot.send_message(ANN, longest.clone() + "x").await;
    assert_eq!(api_error(longer.unwrap_err()), ApiError::MessageIsTooLong);
    assert_eq!(texts(&telegram.sent()), [longest]);
    assert_eq!(
        telegram.calls("SendMessage").iter().map(|call| call.done).collect::<Vec<_>>(),
        [false, false, false, true, false]
    );
}

#[tokio::test]
async fn typing_is_counted_by_chat() {
    let (telegram, bot) = start().await;
    bot.send_chat_action(ANN, ChatAction::Typing).await.unwrap();
    bot.send_chat_action(ANN, ChatAction::Typing).await.unwrap();
    bot.send_chat_action(ANN, ChatAction::UploadPhoto).await.unwrap();
    bot.send_chat_action(GROUP, ChatAction::Typing).await.unwrap();
    assert_eq!((telegram.typing_count(ANN.0), telegram.typing_count(GROUP.0)), (2, 1));
}

#[tokio::test]
async fn updates_are_handed_out_until_an_offset_confirms_them() {
    let (telegram, bot) = start().await;
    let poll = |offset: i32| bot.get_updates().offset(offset).timeout(0);
    assert_eq!(poll(0).await.unwrap().len(), 0);
    for id in 5..8 {
        telegram.push_update(json!({ "update_id": id, "message": {
            "message_id": id, "date": 1_800_000_000, "text": "hi",
            "chat": { "id": 42, "type": "private", "first_name": "Ann" },
            "from": { "id": 42, "is_bot": false, "first_name": "Ann" },
        } }));
    }
    let ids =
        |updates: Vec<teloxide::types::Update>| updates.iter().map(|update| update.id.0).collect::<Vec<_>>();
    assert_eq!(ids(poll(0).limit(2).await.unwrap()), [5, 6]);
    assert_eq!(ids(poll(6).allowed_updates([AllowedUpdate::Message]).await.unwrap()), [6, 7]);
    assert_eq!(ids(poll(0).allowed_updates([AllowedUpdate::Poll]).await.unwrap()), [0; 0]);
    assert_eq!(ids(poll(-1).await.unwrap()), [7]);
    assert_eq!(ids(poll(8).await.unwrap()), [0; 0]);

    let waiting = bot.get_updates().offset(8).timeout(10);
    let arrival = async {
        telegram.wait_for_calls(|calls| calls.len() == 7, LONG).await.unwrap();
        telegram.push_update(json!({ "update_id": 8, "something_new": {} }));
    };
    let (updates, ()) = tokio::join!(async { waiting.await }, arrival);
    assert_eq!(ids(updates.unwrap()), [8], "a long poll ends with the first update");
}

#[tokio::test]
async fn a_webhook_is_remembered_and_forbids_polling() {
    let (telegram, bot) = start().await;
    telegram.push_update(json!({ "update_id": 1 }));
    bot.set_webhook("https://bot.example/hook".parse().unwrap()).secret_token("secret").await.unwrap();
    let info = bot.get_webhook_info().await.unwrap();
    assert_eq!((info.url.unwrap().as_str(), info.pending_update_count), ("https://bot.example/hook", 1));
    assert_eq!(telegram.calls("setWebhook")[0].form.text("secret_token"), Some("secret"));
    assert!(bot.get_updates().await.unwrap_err().to_string().contains("webhook is active"));
    bot.delete_webhook().await.unwrap();
    assert_eq!(bot.get_webhook_info().await.unwrap().url, None);
    assert_eq!(bot.get_updates().await.unwrap().len(), 1);
}

#[tokio::test]
async fn commands_are_kept_for_each_scope() {
    let (_telegram, bot) = start().await;
    let help = BotCommand::new("help", "Shows help");
    bot.set_my_commands([help.clone()]).scope(BotCommandScope::AllGroupChats).await.unwrap();
    assert_eq!(bot.get_my_commands().scope(BotCommandScope::AllGroupChats).await.unwrap(), [help]);
    assert_eq!(bot.get_my_commands().await.unwrap(), []);
}

#[tokio::test]
async fn a_group_has_the_administrators_that_the_test_gave_it() {
    let (telegram, bot) = start().await;
    telegram.set_administrators(GROUP.0, &[1, 2]);
    let administrators = bot.get_chat_administrators(GROUP).await.unwrap();
    assert_eq!(administrators.iter().map(|member| member.user.id.0).collect::<Vec<_>>(), [1, 2]);
    assert!(bot.get_chat_member(GROUP, UserId(1)).await.unwrap().is_owner());
    assert!(bot.get_chat_member(GROUP, UserId(2)).await.unwrap().is_administrator());
    assert!(bot.get_chat_member(GROUP, UserId(3)).await.unwrap().kind.is_member());
    assert!(bot.get_chat_administrators(ANN).await.is_err());
}

#[tokio::test]
async fn an_edit_changes_what_was_sent() {
    let (telegram, bot) = start().await;
    let message = bot.send_message(ANN, "old").await.unwrap();
    bot.edit_message_text(ANN, message.id, "<i>new</i>").parse_mode(ParseMode::Html).await.unwrap();
    assert_eq!(texts(&telegram.sent()), ["new"]);
    let missing = bot.edit_message_text(ANN, MessageId(1), "new").await.unwrap_err();
    assert_eq!(api_error(missing), ApiError::MessageToEditNotFound);
}

#[tokio::test]
async fn small_calls_are_taken_and_unknown_ones_are_not_found() {
    let (telegram, bot) = start().await;
    bot.answer_callback_query(CallbackQueryId("1".to_owned())).await.unwrap();
    bot.leave_chat(GROUP).await.unwrap();
    assert_eq!(telegram.calls("leaveChat").len(), 1);
    assert_eq!(api_error(bot.log_out().await.unwrap_err()), ApiError::InvalidToken, "which is 404 Not Found");
}

#[tokio::test]
async fn keys_stand_under_a_message_until_they_are_taken_away() {
    let (telegram, bot) = start().await;
    let keys = |data: &str| InlineKeyboardMarkup::new([[InlineKeyboardButton::callback("Keep", data)]]);
    let sent = bot.send_message(ANN, "I will remember").reply_markup(keys("keep:7")).await.unwrap();
    assert_eq!(sent.reply_markup(), Some(&keys("keep:7")));
    assert_eq!(telegram.sent()[0].key("Keep"), Some("keep:7"));

    bot.edit_message_reply_markup(ANN, sent.id).await.unwrap();
    assert_eq!(telegram.sent()[0].key("Keep"), None);
    let again = bot.edit_message_reply_markup(ANN, sent.id).await.unwrap_err();
    assert_eq!(api_error(again), ApiError::MessageNotModified);
    let refused = bot.send_message(ANN, "hm").reply_markup(keys(&"x".repeat(65))).await.unwrap_err();
    assert_eq!(api_error(refused), ApiError::ButtonDataInvalid);
}

#[tokio::test]
async fn a_document_is_kept_with_its_name_and_its_bytes() {
    let (telegram, bot) = start().await;
    let file = InputFile::memory(&b"{\"\xff\r\n--"[..]).file_name("export.json");
    let sent = bot.send_document(ANN, file).caption("Yours").await.unwrap();
    assert_eq!(sent.caption(), Some("Yours"));
    assert_eq!(sent.document().unwrap().file_name.as_deref(), Some("export.json"));
    let kept = &telegram.sent_to(ANN.0)[0];
    let document = kept.document.as_ref().unwrap();
    assert_eq!((kept.text.as_str(), document.name.as_str()), ("Yours", "export.json"));
    assert_eq!(document.bytes, b"{\"\xff\r\n--");
    let long =
        bot.send_document(ANN, InputFile::memory(&b""[..]).file_name("a")).caption("x".repeat(1025)).await;
    assert!(api_error(long.unwrap_err()).to_string().contains("caption is too long"));
}
