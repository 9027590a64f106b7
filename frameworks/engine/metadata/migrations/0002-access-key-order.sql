-- Access keys are listed in the order in which they were made: the first one is an app's main key.
alter table pio_access_keys add column seq bigint generated always as identity;
