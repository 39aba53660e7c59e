//! `check_model`: warns the operator sixty days before the configured model goes.

use brain::jobs::CheckModel;

use crate::{context::Context, error::JobError, registry::Run};

/// How many days ahead.
const AHEAD: i64 = 60;

impl Run for CheckModel {
    async fn run(self, context: &Context) -> Result<(), JobError> {
        let brain = &context.brain;
        let model = brain.llm_config.model.as_str();
        match brain.llm.shutdown_date(model).await {
            Ok(None) => {}
            Ok(Some(day)) => {
                let days = (day - brain.clock.now().date_naive()).num_days();
                if days <= AHEAD {
                    tracing::warn!(model, %day, days, "the model goes away; choose another with OPENAI_MODEL");
                }
            }
            Err(error) if error.is_transient() => return Err(JobError::Retry((&error).into())),
            Err(error) => return Err(JobError::Fail((&error).into())),
        }
        Ok(())
    }
}
