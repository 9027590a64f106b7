-- Rows are stored in the order of time: a summary of each range of pages finds them as well as an
-- entry for each row, and costs an insert nothing. Nothing was looked up by what is unlabelled.
drop index model_predictions_created_at;
drop index model_predictions_unlabelled;
create index model_predictions_created_at on model_predictions using brin (created_at);
