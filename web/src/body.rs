//! The body of a request, read to its end or given up.

use std::{error::Error, io};

use salvo::{
    http::{ParseError, StatusCode},
    prelude::*,
};

/// Reads it, where it has at most `most` bytes. Once read, it is kept with the request.
///
/// # Errors
/// What to answer: 413 where it is too large, 408 where it stops coming, 400 where it breaks off.
pub(crate) async fn read(request: &mut Request, most: usize) -> Result<&[u8], StatusCode> {
    let body = request.payload_with_max_size(most).await.map_err(|error| match error {
        ParseError::PayloadTooLarge => StatusCode::PAYLOAD_TOO_LARGE,
        error if has_stopped(&error) => StatusCode::REQUEST_TIMEOUT,
        _ => StatusCode::BAD_REQUEST,
    })?;
    Ok(body)
}

fn has_stopped(error: &ParseError) -> bool {
    let ParseError::Other(error) = error else { return false };
    let mut cause: Option<&(dyn Error + 'static)> = Some(&**error);
    while let Some(error) = cause {
        if error.downcast_ref::<io::Error>().is_some_and(|error| error.kind() == io::ErrorKind::TimedOut) {
            return true;
        }
        cause = error.source();
    }
    false
}
