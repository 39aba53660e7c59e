//! Why a row is not taken. The words are for the report; they never repeat what the row says.

/// A reason.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, thiserror::Error)]
pub enum Refusal {
    /// The source ends within the row.
    #[error("the file is cut off here")]
    CutOff,
    /// Text after the list, or in its place.
    #[error("this is no JSON list")]
    Stray,
    /// More than twelve megabytes.
    #[error("the row is longer than 12 MB")]
    TooLong,
    /// Bytes that are no text.
    #[error("the row is not valid UTF-8")]
    NotUtf8,
    /// Not JSON, or something else than an object.
    #[error("the row is no JSON object")]
    NotAnObject,
    /// Nobody said it.
    #[error("it has no role")]
    NoRole,
    /// Neither a person nor the bot said it.
    #[error("its role is neither user nor assistant")]
    UnknownRole,
    /// Nothing was said.
    #[error("it has no content")]
    NoContent,
    /// No time, or none that can be read.
    #[error("its time cannot be read")]
    BrokenTime,
    /// A time that has not come yet.
    #[error("its time lies in the future")]
    FutureTime,
    /// A chat id that no chat has.
    #[error("its chat id is no number of a chat")]
    BrokenChat,
    /// Neither the row nor those around it name a chat, and none was given.
    #[error("no chat is named: give one with --chat-id")]
    NoChat,
    /// A chat was given for more than one folder that names none.
    #[error(
        "several folders name no chat, and they may not be of one: import each on its own with --chat-id"
    )]
    ManyFolders,
    /// The chat is somebody else's here.
    #[error("its chat belongs to another account here")]
    OtherAccount,
    /// The chat has forgotten everything since.
    #[error("its chat has forgotten it with /forget all")]
    Forgotten,
    /// Longer than a rule may be.
    #[error("the rule is longer than 1000 characters")]
    RuleTooLong,
    /// A second temporary chat of one account.
    #[error("an account has one temporary chat, and another one came first")]
    SecondTemporary,
    /// An end before the beginning, or none.
    #[error("it does not say until when it holds")]
    NoEnd,
    /// The folder failed or was refused, and all of its rows with it.
    #[error("its folder as a whole was not taken")]
    WholeFolder,
    /// More rows than such a file can sensibly have.
    #[error("there are more than 10000 such rows")]
    TooMany,
    /// An account row: accounts are made anew here.
    #[error("accounts are made anew here, so its number means nothing")]
    AccountRow,
}
