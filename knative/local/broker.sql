-- The stand-in's own database: what was accepted, what is still to be delivered, what happened.
CREATE TABLE IF NOT EXISTS event (
  n bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY,
  headers jsonb NOT NULL,
  body bytea NOT NULL,
  arrived timestamptz NOT NULL DEFAULT now()
);
CREATE TABLE IF NOT EXISTS due (
  event bigint REFERENCES event,
  trigger text,
  attempt int NOT NULL,
  at timestamptz NOT NULL,
  error jsonb, -- set: on its way to the dead letter sink, with these attributes
  PRIMARY KEY (event, trigger)
);
CREATE TABLE IF NOT EXISTS history (
  n bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY,
  event bigint NOT NULL REFERENCES event,
  event_id text,
  source text,
  type text,
  subject text,
  tenant text,
  trigger text,
  function text,
  attempt int,
  status int,
  ms int,
  cold boolean,
  outcome text,
  at timestamptz NOT NULL DEFAULT now()
);
