set session_replication_role = replica;
CREATE TABLE "tenants" (
	"id" text PRIMARY KEY NOT NULL,
	"name" text NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "tenants_name_unique" UNIQUE("name")
);

CREATE TABLE "api_keys" (
	"id" text PRIMARY KEY NOT NULL,
	"tenant_id" text NOT NULL REFERENCES "tenants"("id"),
	"name" text NOT NULL,
	"secret_hash" text NOT NULL,
	"prefix" text NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"revoked_at" timestamp with time zone,
	CONSTRAINT "api_keys_secret_hash_unique" UNIQUE("secret_hash")
);

CREATE TABLE "usage_ledger" (
	"generation_id" text PRIMARY KEY NOT NULL,
	"tenant_id" text NOT NULL REFERENCES "tenants"("id"),
	"key_id" text NOT NULL REFERENCES "api_keys"("id"),
	"model" text NOT NULL,
	"image_count" integer NOT NULL,
	"width" integer NOT NULL,
	"height" integer NOT NULL,
	"steps" integer NOT NULL,
	"guidance_passes" integer NOT NULL,
	"compute_units" bigint NOT NULL,
	"kernel_ms" double precision NOT NULL,
	"recorded_at" timestamp with time zone DEFAULT now() NOT NULL
);

CREATE INDEX "usage_ledger_tenant_recorded_at" ON "usage_ledger" ("tenant_id", "recorded_at");

ALTER TABLE "usage_ledger" ADD COLUMN "evaluations" bigint DEFAULT 0 NOT NULL;

ALTER TABLE "usage_ledger" ADD COLUMN "outcome" text DEFAULT 'succeeded' NOT NULL;

CREATE TABLE "webhooks" (
	"id" text PRIMARY KEY NOT NULL,
	"tenant_id" text NOT NULL REFERENCES "tenants"("id"),
	"url" text NOT NULL,
	"events" text[] NOT NULL,
	"description" text NOT NULL,
	"gateway_url" text NOT NULL,
	"enabled" boolean DEFAULT true NOT NULL,
	"disabled_reason" text DEFAULT '' NOT NULL,
	"sealed_secret" text NOT NULL,
	"sealed_previous_secret" text,
	"previous_secret_until" timestamp with time zone,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL
);

CREATE INDEX "webhooks_tenant" ON "webhooks" ("tenant_id");

ALTER TABLE "api_keys" ADD COLUMN "scopes" text[] DEFAULT '{generate,read,usage,webhooks}' NOT NULL;

ALTER TABLE "api_keys" ADD COLUMN "expires_at" timestamp with time zone;

ALTER TABLE "api_keys" ADD COLUMN "last_used_at" timestamp with time zone;

ALTER TABLE "api_keys" ADD COLUMN "requests_per_minute" integer;

ALTER TABLE "tenants" ADD COLUMN "weight" double precision;

ALTER TABLE "tenants" ADD COLUMN "requests_per_minute" integer;

ALTER TABLE "tenants" ADD COLUMN "compute_units_per_minute" bigint;

ALTER TABLE "tenants" ADD COLUMN "compute_units_per_month" bigint;

ALTER TABLE "tenants" ADD COLUMN "concurrent_generations" integer;

ALTER TABLE "tenants" ADD COLUMN "models" text[];

ALTER TABLE "tenants" ADD COLUMN "defaults" jsonb;

CREATE FUNCTION "refuse_change_of_usage_ledger"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	RAISE EXCEPTION 'usage_ledger is append-only' USING ERRCODE = 'restrict_violation';
END
$$;

CREATE TRIGGER "usage_ledger_is_append_only" BEFORE UPDATE OR DELETE OR TRUNCATE ON "usage_ledger"
	FOR EACH STATEMENT EXECUTE FUNCTION "refuse_change_of_usage_ledger"();

CREATE TABLE "audit_log" (
	"sequence" bigint PRIMARY KEY NOT NULL,
	"id" text NOT NULL,
	"at" timestamp with time zone NOT NULL,
	"kind" text NOT NULL,
	"tenant_id" text NOT NULL,
	"generation_id" text NOT NULL,
	"stage" text NOT NULL,
	"action" text NOT NULL,
	"category" text NOT NULL,
	"entry" bytea NOT NULL,
	"hash" bytea NOT NULL,
	CONSTRAINT "audit_log_id_unique" UNIQUE("id")
);

CREATE INDEX "audit_log_generation" ON "audit_log" ("generation_id");

CREATE INDEX "audit_log_tenant_at" ON "audit_log" ("tenant_id", "at");

CREATE TABLE "audit_head" (
	"only" boolean PRIMARY KEY DEFAULT true NOT NULL CHECK ("only"),
	"sequence" bigint NOT NULL,
	"hash" bytea NOT NULL
);

INSERT INTO "audit_head" ("sequence", "hash") VALUES (0, decode(repeat('00', 32), 'hex'));

CREATE FUNCTION "refuse_change_of_audit_log"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	RAISE EXCEPTION 'audit_log is append-only' USING ERRCODE = 'restrict_violation';
END
$$;

CREATE TRIGGER "audit_log_is_append_only" BEFORE UPDATE OR DELETE OR TRUNCATE ON "audit_log"
	FOR EACH STATEMENT EXECUTE FUNCTION "refuse_change_of_audit_log"();

ALTER TABLE "audit_log" ADD COLUMN "subject" text DEFAULT '' NOT NULL;

CREATE INDEX "audit_log_subject" ON "audit_log" ("subject") WHERE "subject" <> '';

CREATE TABLE "reviews" (
	"decision_id" text PRIMARY KEY NOT NULL REFERENCES "audit_log"("id"),
	"tenant_id" text NOT NULL,
	"generation_id" text NOT NULL,
	"stage" text NOT NULL,
	"action" text NOT NULL,
	"category" text NOT NULL,
	"status" text DEFAULT 'open' NOT NULL,
	"opened_at" timestamp with time zone DEFAULT now() NOT NULL,
	"appealed_at" timestamp with time zone,
	"appeal" text,
	"resolved_at" timestamp with time zone,
	"resolved_by" text,
	"reason" text
);

CREATE INDEX "reviews_status" ON "reviews" ("status", "decision_id");

CREATE TABLE "review_notes" (
	"id" text PRIMARY KEY NOT NULL,
	"decision_id" text NOT NULL REFERENCES "reviews"("decision_id"),
	"author" text NOT NULL,
	"text" text NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL
);

CREATE INDEX "review_notes_decision" ON "review_notes" ("decision_id");

CREATE TABLE "policies" (
	"digest" text PRIMARY KEY NOT NULL,
	"document" text NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL
);

CREATE TABLE "tenant_policies" (
	"tenant_id" text NOT NULL REFERENCES "tenants"("id"),
	"digest" text NOT NULL REFERENCES "policies"("digest"),
	"author" text NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	PRIMARY KEY ("tenant_id", "digest")
);

ALTER TABLE "tenants" ADD COLUMN "policy_digest" text REFERENCES "policies"("digest");

ALTER TABLE "tenants" ADD COLUMN "previous_policy_digest" text REFERENCES "policies"("digest");

CREATE FUNCTION "refuse_change_of_policies"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	RAISE EXCEPTION 'policies are never changed' USING ERRCODE = 'restrict_violation';
END
$$;

CREATE TRIGGER "policies_are_never_changed" BEFORE UPDATE OR DELETE OR TRUNCATE ON "policies"
	FOR EACH STATEMENT EXECUTE FUNCTION "refuse_change_of_policies"();

CREATE TABLE "generations" (
	"id" text PRIMARY KEY NOT NULL,
	"tenant_id" text NOT NULL,
	"key_id" text NOT NULL,
	"model" text NOT NULL,
	"kind" text NOT NULL,
	"status" text DEFAULT 'accepted' NOT NULL,
	"error_code" text,
	"error_message" text,
	"created_at" timestamp with time zone NOT NULL,
	"started_at" timestamp with time zone,
	"ended_at" timestamp with time zone,
	"image_count" integer NOT NULL,
	"width" integer NOT NULL,
	"height" integer NOT NULL,
	"steps" integer NOT NULL,
	"expected_seconds" double precision NOT NULL,
	"attempts" integer DEFAULT 0 NOT NULL,
	"worker" text,
	"idempotency_key" text,
	"request_digest" text,
	"cancel_requested_at" timestamp with time zone,
	"job" bytea
);

CREATE INDEX "generations_tenant" ON "generations" ("tenant_id", "id");

CREATE INDEX "generations_unfinished" ON "generations" ("id") WHERE "status" IN ('accepted', 'running');

CREATE INDEX "generations_idempotency" ON "generations" ("tenant_id", "idempotency_key") WHERE "idempotency_key" IS NOT NULL;

CREATE TABLE "operators" (
	"id" text PRIMARY KEY NOT NULL,
	"name" text NOT NULL UNIQUE,
	"role" text NOT NULL,
	"password_hash" text NOT NULL,
	"disabled_at" timestamp with time zone,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"last_sign_in_at" timestamp with time zone
);

CREATE TABLE "sessions" (
	"secret_hash" text PRIMARY KEY NOT NULL,
	"operator_id" text REFERENCES "operators"("id"),
	"name" text NOT NULL,
	"role" text NOT NULL,
	"via" text NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"expires_at" timestamp with time zone NOT NULL,
	"last_seen_at" timestamp with time zone DEFAULT now() NOT NULL
);

CREATE INDEX "sessions_operator" ON "sessions" ("operator_id");

CREATE INDEX "sessions_expires_at" ON "sessions" ("expires_at");

CREATE TABLE "models" (
	"name" text PRIMARY KEY NOT NULL,
	"digest" text NOT NULL,
	"default_steps" integer NOT NULL,
	"first_seen_at" timestamp with time zone DEFAULT now() NOT NULL,
	"last_seen_at" timestamp with time zone DEFAULT now() NOT NULL,
	"retired_at" timestamp with time zone,
	"retired_by" text
);

CREATE TABLE "canaries" (
	"model" text NOT NULL,
	"revision" text NOT NULL,
	"state" text NOT NULL,
	"percent" double precision NOT NULL,
	"min_generations" integer NOT NULL,
	"max_error_increase" double precision NOT NULL,
	"max_refusal_increase" double precision NOT NULL,
	"significance" double precision NOT NULL,
	"reason" text,
	"watched_from" timestamp with time zone DEFAULT now() NOT NULL,
	"changed_at" timestamp with time zone DEFAULT now() NOT NULL,
	"changed_by" text NOT NULL,
	PRIMARY KEY ("model", "revision")
);

CREATE UNIQUE INDEX "canaries_one_of_model" ON "canaries" ("model") WHERE "state" <> 'retired';

CREATE INDEX "generations_status" ON "generations" ("status", "id") WHERE "status" <> 'succeeded';

CREATE INDEX "generations_error" ON "generations" ("error_code", "id") WHERE "error_code" IS NOT NULL;

CREATE INDEX "generations_model" ON "generations" ("model", "id");

CREATE INDEX "generations_key" ON "generations" ("key_id", "id");

CREATE INDEX "generations_worker" ON "generations" ("worker", "id") WHERE "worker" IS NOT NULL;

CREATE TABLE "model_registrations" (
	"model" text PRIMARY KEY NOT NULL,
	"digest" text NOT NULL,
	"source" text NOT NULL,
	"required" boolean NOT NULL,
	"registered_at" timestamp with time zone DEFAULT now() NOT NULL,
	"registered_by" text NOT NULL
);

CREATE TABLE "owed_messages" (
	"generation_id" text NOT NULL,
	"webhook_id" text NOT NULL REFERENCES "webhooks"("id") ON DELETE CASCADE,
	"ended_at" timestamp with time zone NOT NULL,
	PRIMARY KEY ("generation_id", "webhook_id")
);

CREATE INDEX "owed_messages_webhook" ON "owed_messages" ("webhook_id");

create schema drizzle;
create table drizzle.__drizzle_migrations (id serial primary key, hash text not null, created_at bigint);
delete from drizzle.__drizzle_migrations;
insert into drizzle.__drizzle_migrations select * from jsonb_populate_record(null::drizzle.__drizzle_migrations, '{"id": 1, "hash": "fa06e90282a6c27c4a9ffc7918638df765a46e7e40a6b8f7a1628fae32295be7", "created_at": 1795514400000}');
insert into drizzle.__drizzle_migrations select * from jsonb_populate_record(null::drizzle.__drizzle_migrations, '{"id": 2, "hash": "29cd756f8f228c4634bb3e7d69e43e89443a94b31eab901db783ece7ef02c362", "created_at": 1795536000000}');
insert into drizzle.__drizzle_migrations select * from jsonb_populate_record(null::drizzle.__drizzle_migrations, '{"id": 3, "hash": "b2416442ed9fdf99b89810a33c2652291d951a53b72bca642b00385dffd36e45", "created_at": 1795554000000}');
insert into drizzle.__drizzle_migrations select * from jsonb_populate_record(null::drizzle.__drizzle_migrations, '{"id": 4, "hash": "2f2fe7ce50632b404834c761f6e39ae753ade0b9d1ebd5665c99625444fa8b5c", "created_at": 1795557600000}');
insert into drizzle.__drizzle_migrations select * from jsonb_populate_record(null::drizzle.__drizzle_migrations, '{"id": 5, "hash": "b4edb93a96983b50e685f08939eb169f15bdd1f82daf49e16c5582c5871ee5ab", "created_at": 1796040000000}');
insert into drizzle.__drizzle_migrations select * from jsonb_populate_record(null::drizzle.__drizzle_migrations, '{"id": 6, "hash": "86121bee3e1dde4d79f1f5f6054be5584508e63c9b21385312fc1645d62fd5d6", "created_at": 1796043600000}');
insert into drizzle.__drizzle_migrations select * from jsonb_populate_record(null::drizzle.__drizzle_migrations, '{"id": 7, "hash": "6d18e7a45e9cbf5eb8268d26ee56ff932818efdaa552848e92a7c01aa75b552a", "created_at": 1796047200000}');
insert into drizzle.__drizzle_migrations select * from jsonb_populate_record(null::drizzle.__drizzle_migrations, '{"id": 8, "hash": "2358505e7bdb71bf4fa1a1a4ada0f59c5a69f50be172d6538aaa5d238251c652", "created_at": 1796050800000}');
insert into drizzle.__drizzle_migrations select * from jsonb_populate_record(null::drizzle.__drizzle_migrations, '{"id": 9, "hash": "41d113ad7f0f9a4c5d2c2cede33139f30b83b4af01aede7a193a1525b38f8604", "created_at": 1796054400000}');
insert into drizzle.__drizzle_migrations select * from jsonb_populate_record(null::drizzle.__drizzle_migrations, '{"id": 10, "hash": "dbb86aec7c4787df796707799ce69c09c92e06a52d4825f30022dc7ca91c78a5", "created_at": 1796058000000}');
insert into drizzle.__drizzle_migrations select * from jsonb_populate_record(null::drizzle.__drizzle_migrations, '{"id": 11, "hash": "d54c8996b72a506d02c8f6240f5af3e2c3d89adb5e863091df46ee9cf7034f8f", "created_at": 1796061600000}');
insert into drizzle.__drizzle_migrations select * from jsonb_populate_record(null::drizzle.__drizzle_migrations, '{"id": 12, "hash": "792827f1061622b3db8470a6213eb174ac63195ec2eb5365b2ec16bdc7d98afd", "created_at": 1796065200000}');
insert into drizzle.__drizzle_migrations select * from jsonb_populate_record(null::drizzle.__drizzle_migrations, '{"id": 13, "hash": "4951b64908f120e8167009efe549ac40dafa58e7ac856f80f3bda7e3079ba197", "created_at": 1796068800000}');
delete from public.api_keys;
insert into public.api_keys select * from jsonb_populate_record(null::public.api_keys, '{"id": "key_01a22a3a-18c0-77ff-925d-78451b8800dc", "name": "local", "prefix": "dk_UzPYBC", "scopes": ["generate", "read", "usage", "webhooks"], "tenant_id": "ten_01a22a3a-18b9-7018-8bf5-3ce3e9cd7e09", "created_at": "2026-11-30T02:13:00.224+00:00", "expires_at": null, "revoked_at": null, "secret_hash": "3aafdb275219168b7101bdb42da06c723b3c6a6d0d5a37d8cbbce8338f431998", "last_used_at": "2026-11-30T02:13:00.25+00:00", "requests_per_minute": null}');
delete from public.audit_head;
insert into public.audit_head select * from jsonb_populate_record(null::public.audit_head, E'{"hash": "\\\\x4022b2f0a183c730249524c86b7014080c084def731bda9ca93d715dab3db77e", "only": true, "sequence": 5}');
delete from public.audit_log;
insert into public.audit_log select * from jsonb_populate_record(null::public.audit_log, E'{"at": "2026-11-30T02:13:00.228+00:00", "id": "act_01a22a3a-18c4-75b8-8b67-cce63a560441", "hash": "\\\\x3c72362841eb7e79514e3b448c142d2c882a49446e393fefd0d967ab1916e6cd", "kind": "operator", "entry": "\\\\x0a286163745f30316132326133612d313863342d373562382d386236372d6363653633613536303434311100408ca1a3227a4232650a0b61646d696e20746f6b656e120561646d696e1a05746f6b656e22096b65792e69737375652a286b65795f30316132326133612d313863302d373766662d393235642d3738343531623838303064633204646f6e653a0d0a046e616d6512056c6f63616c", "stage": "", "action": "key.issue", "subject": "key_01a22a3a-18c0-77ff-925d-78451b8800dc", "category": "", "sequence": 1, "tenant_id": "", "generation_id": ""}');
insert into public.audit_log select * from jsonb_populate_record(null::public.audit_log, E'{"at": "2026-11-30T02:13:00.293+00:00", "id": "dec_01a22a3a-1905-75a7-ac2b-8edafabf4e09", "hash": "\\\\xd42f6d96b9e28734c594ec3f4c0bc6a1d08f3adf92438f76a4605e3cbd312510", "kind": "decision", "entry": "\\\\x0a286465635f30316132326133612d313930352d373561372d616332622d38656461666162663465303911005090a1a3227a421ab3080a2874656e5f30316132326133612d313862392d373031382d386266352d33636533653963643765303912286b65795f30316132326133612d313863302d373766662d393235642d3738343531623838303064631a2867656e5f30316132326133612d313866362d373561312d383064342d386664343962653732336131220670726f6d707432046175746f3a05616c6c6f77520e0a0c6368696c645f73616665747952080a0673657875616c520b0a0973656c665f6861726d520a0a0876696f6c656e636552060a046861746552090a07696c6c69636974520b0a09646563657074696f6e520c0a0a74726164656d61726b7352170a0c6368696c645f736166657479110000000000942a3f52110a0673657875616c11000000000060e63e52140a0973656c665f6861726d11000000000060dc3e52130a0876696f6c656e636511000000000018fb3e520f0a046861746511000000000098fb3e52120a07696c6c69636974110000000000a0f53e52140a09646563657074696f6e1100000000006f253f52150a0a74726164656d61726b73110000000070196a3f5a6170726f6d70742d72756c657320323032362d31312d32392e32207368613235363a393837626566643665343561323335623864633432653965346163306165613435356565396636373439303164383539366463643836643861366161613936625a0f6f627363656e69747920302e342e365a0e646563616e63657220332e332e335a576d6f6465726174696f6e2d74657874207368613235363a303637613865346539343036356232373837656639386234656261386366663865336135633930396566343364383838323030663364636239653533336534376295026d6f6465726174696f6e2d746578743a206368696c645f736166657479203e3d20302e39352f302e39352f302e39352c2073657875616c203e3d20302e39352f302e393730342f302e39352c2073656c665f6861726d203e3d20302e39352f302e39352f302e393635323939393939393939393939392c2076696f6c656e6365203e3d20302e39352f302e393834333939393939393939393939392f302e393636312c2068617465203e3d20302e39352f302e39392f302e393933382c20696c6c69636974203e3d20302e39352f302e39352f302e39352c20646563657074696f6e203e3d20302e39352f302e393536332f302e39352c2074726164656d61726b73203e3d20302e39352f302e39352f6e657665726a0a323032362d31312d323972477368613235363a3735336563643732353235353061633362613562373232363633323432623565323635303633373638303930636538613963356666343336353136363062626179007466bb4277254082014039313764373865343666303664393963653136363536393064353138633935353566633237613565643163363430363938616430626364333765313561353935", "stage": "prompt", "action": "allow", "subject": "", "category": "", "sequence": 2, "tenant_id": "ten_01a22a3a-18b9-7018-8bf5-3ce3e9cd7e09", "generation_id": "gen_01a22a3a-18f6-75a1-80d4-8fd49be723a1"}');
insert into public.audit_log select * from jsonb_populate_record(null::public.audit_log, E'{"at": "2026-11-30T02:13:00.56+00:00", "id": "dec_01a22a3a-1a10-7424-94b8-5c7dd8e255a8", "hash": "\\\\xe63a23026aac2e1e7fdb2f9023f9638a5d7b26cd129563f8c2c66a1a0821ec9d", "kind": "decision", "entry": "\\\\x0a286465635f30316132326133612d316131302d373432342d393462382d356337646438653235356138110000a1a1a3227a421afc030a2874656e5f30316132326133612d313862392d373031382d386266352d33636533653963643765303912286b65795f30316132326133612d313863302d373766662d393235642d3738343531623838303064631a2867656e5f30316132326133612d313866362d373561312d383064342d386664343962653732336131220c6f75747075745f696d61676532046175746f3a05616c6c6f7752110a0673657875616c1100000078f867773f52110a0673657875616c11000000a08b62303f5a576d6f6465726174696f6e2d6e736677207368613235363a3630303638313632643565356564343135656461623933363163663939623735303439396563633636346439373337623665613538633839383465643662303262416d6f6465726174696f6e2d6e7366773a2073657875616c2e6578706c69636974203e3d20302e352c2073657875616c2e73756767657374697665203e3d20302e356a0a323032362d31312d323972477368613235363a3735336563643732353235353061633362613562373232363633323432623565323635303633373638303930636538613963356666343336353136363062626179007558e196bb384082014031646331376139313466643135653636393938373462343437356638623634623762396138323061613464373865623063383430653236303335663539356463", "stage": "output_image", "action": "allow", "subject": "", "category": "", "sequence": 3, "tenant_id": "ten_01a22a3a-18b9-7018-8bf5-3ce3e9cd7e09", "generation_id": "gen_01a22a3a-18f6-75a1-80d4-8fd49be723a1"}');
insert into public.audit_log select * from jsonb_populate_record(null::public.audit_log, E'{"at": "2026-11-30T02:13:00.706+00:00", "id": "dec_01a22a3a-1aa2-7591-995a-f994db5ed012", "hash": "\\\\xd54bc0372b6339d046784b371b870ab46b76edea312403c1cb85b66add1caea9", "kind": "decision", "entry": "\\\\x0a286465635f30316132326133612d316161322d373539312d393935612d663939346462356564303132110020aaa1a3227a421ab3080a2874656e5f30316132326133612d313862392d373031382d386266352d33636533653963643765303912286b65795f30316132326133612d313863302d373766662d393235642d3738343531623838303064631a2867656e5f30316132326133612d316139632d373065392d613333342d373331623363353531613665220670726f6d707432046175746f3a05616c6c6f77520e0a0c6368696c645f73616665747952080a0673657875616c520b0a0973656c665f6861726d520a0a0876696f6c656e636552060a046861746552090a07696c6c69636974520b0a09646563657074696f6e520c0a0a74726164656d61726b7352170a0c6368696c645f736166657479110000000000942a3f52110a0673657875616c11000000000060e63e52140a0973656c665f6861726d11000000000060dc3e52130a0876696f6c656e636511000000000018fb3e520f0a046861746511000000000098fb3e52120a07696c6c69636974110000000000a0f53e52140a09646563657074696f6e1100000000006f253f52150a0a74726164656d61726b73110000000070196a3f5a6170726f6d70742d72756c657320323032362d31312d32392e32207368613235363a393837626566643665343561323335623864633432653965346163306165613435356565396636373439303164383539366463643836643861366161613936625a0f6f627363656e69747920302e342e365a0e646563616e63657220332e332e335a576d6f6465726174696f6e2d74657874207368613235363a303637613865346539343036356232373837656639386234656261386366663865336135633930396566343364383838323030663364636239653533336534376295026d6f6465726174696f6e2d746578743a206368696c645f736166657479203e3d20302e39352f302e39352f302e39352c2073657875616c203e3d20302e39352f302e393730342f302e39352c2073656c665f6861726d203e3d20302e39352f302e39352f302e393635323939393939393939393939392c2076696f6c656e6365203e3d20302e39352f302e393834333939393939393939393939392f302e393636312c2068617465203e3d20302e39352f302e39392f302e393933382c20696c6c69636974203e3d20302e39352f302e39352f302e39352c20646563657074696f6e203e3d20302e39352f302e393536332f302e39352c2074726164656d61726b73203e3d20302e39352f302e39352f6e657665726a0a323032362d31312d323972477368613235363a373533656364373235323535306163336261356237323236363332343262356532363530363337363830393063653861396335666634333635313636306262617900008750a566094082014039313764373865343666303664393963653136363536393064353138633935353566633237613565643163363430363938616430626364333765313561353935", "stage": "prompt", "action": "allow", "subject": "", "category": "", "sequence": 4, "tenant_id": "ten_01a22a3a-18b9-7018-8bf5-3ce3e9cd7e09", "generation_id": "gen_01a22a3a-1a9c-70e9-a334-731b3c551a6e"}');
insert into public.audit_log select * from jsonb_populate_record(null::public.audit_log, E'{"at": "2026-11-30T02:13:00.994+00:00", "id": "dec_01a22a3a-1bc2-76cb-a0c0-2d98a9ea0e3a", "hash": "\\\\x4022b2f0a183c730249524c86b7014080c084def731bda9ca93d715dab3db77e", "kind": "decision", "entry": "\\\\x0a286465635f30316132326133612d316263322d373663622d613063302d326439386139656130653361110020bca1a3227a421ab3080a2874656e5f30316132326133612d313862392d373031382d386266352d33636533653963643765303912286b65795f30316132326133612d313863302d373766662d393235642d3738343531623838303064631a2867656e5f30316132326133612d316238322d373365612d616336332d653135643564336432363435220670726f6d707432046175746f3a05616c6c6f77520e0a0c6368696c645f73616665747952080a0673657875616c520b0a0973656c665f6861726d520a0a0876696f6c656e636552060a046861746552090a07696c6c69636974520b0a09646563657074696f6e520c0a0a74726164656d61726b7352170a0c6368696c645f73616665747911000000000086153f52110a0673657875616c110000000000f0e13e52140a0973656c665f6861726d110000000000c0d43e52130a0876696f6c656e63651100000000e065593f520f0a04686174651100000000009a223f52120a07696c6c6963697411000000000054113f52140a09646563657074696f6e11000000008030423f52150a0a74726164656d61726b731100000000003e273f5a6170726f6d70742d72756c657320323032362d31312d32392e32207368613235363a393837626566643665343561323335623864633432653965346163306165613435356565396636373439303164383539366463643836643861366161613936625a0f6f627363656e69747920302e342e365a0e646563616e63657220332e332e335a576d6f6465726174696f6e2d74657874207368613235363a303637613865346539343036356232373837656639386234656261386366663865336135633930396566343364383838323030663364636239653533336534376295026d6f6465726174696f6e2d746578743a206368696c645f736166657479203e3d20302e39352f302e39352f302e39352c2073657875616c203e3d20302e39352f302e393730342f302e39352c2073656c665f6861726d203e3d20302e39352f302e39352f302e393635323939393939393939393939392c2076696f6c656e6365203e3d20302e39352f302e393834333939393939393939393939392f302e393636312c2068617465203e3d20302e39352f302e39392f302e393933382c20696c6c69636974203e3d20302e39352f302e39352f302e39352c20646563657074696f6e203e3d20302e39352f302e393536332f302e39352c2074726164656d61726b73203e3d20302e39352f302e39352f6e657665726a0a323032362d31312d323972477368613235363a3735336563643732353235353061633362613562373232363633323432623565323635303633373638303930636538613963356666343336353136363062626179008928266f964e4082014035323864346332633937613733343135363331303737636631393164303762323766363037663135313539636162646538306630386137386666616635373836", "stage": "prompt", "action": "allow", "subject": "", "category": "", "sequence": 5, "tenant_id": "ten_01a22a3a-18b9-7018-8bf5-3ce3e9cd7e09", "generation_id": "gen_01a22a3a-1b82-73ea-ac63-e15d5d3d2645"}');
delete from public.canaries;
delete from public.generations;
insert into public.generations select * from jsonb_populate_record(null::public.generations, '{"id": "gen_01a22a3a-18f6-75a1-80d4-8fd49be723a1", "job": null, "kind": "generation", "model": "pocket-turbo", "steps": 4, "width": 64, "height": 64, "key_id": "key_01a22a3a-18c0-77ff-925d-78451b8800dc", "status": "succeeded", "worker": "57c19955-1222-4c3d-9ac9-78d08056c59b", "attempts": 1, "ended_at": "2026-11-30T02:13:00.657+00:00", "tenant_id": "ten_01a22a3a-18b9-7018-8bf5-3ce3e9cd7e09", "created_at": "2026-11-30T02:13:00.298+00:00", "error_code": null, "started_at": "2026-11-30T02:13:00.318+00:00", "image_count": 1, "error_message": null, "request_digest": "lfmYK7f9ZR8p4j3xl0RPwaZtoUQ6_5mybZXGQh3MnbI", "idempotency_key": "BTQ-mEUwLrcw-p0YrHso1eUJiT2vHrdu3o1ugtR7Lak", "expected_seconds": 0.010138652374999993, "cancel_requested_at": null}');
insert into public.generations select * from jsonb_populate_record(null::public.generations, E'{"id": "gen_01a22a3a-1a9c-70e9-a334-731b3c551a6e", "job": "\\\\x0a2867656e5f30316132326133612d316139632d373065392d613333342d373331623363353531613665122874656e5f30316132326133612d313862392d373031382d386266352d3363653365396364376530391a286b65795f30316132326133612d313863302d373766662d393235642d3738343531623838303064632206706f636b65742a206120726564206170706c65206f6e206120626c7565206261636b67726f756e64388002408002483c510000000000001040580760016801710040aaa1a3227a42e10148d1f4a7c7cd1040ea01046175746f", "kind": "generation", "model": "pocket", "steps": 60, "width": 256, "height": 256, "key_id": "key_01a22a3a-18c0-77ff-925d-78451b8800dc", "status": "running", "worker": "10537556-09a5-4757-a9ea-052833cd4831", "attempts": 1, "ended_at": null, "tenant_id": "ten_01a22a3a-18b9-7018-8bf5-3ce3e9cd7e09", "created_at": "2026-11-30T02:13:00.708+00:00", "error_code": null, "started_at": "2026-11-30T02:13:00.719+00:00", "image_count": 1, "error_message": null, "request_digest": "VzdUECI1AfiN-VvOQg3AimHKBzb21So3DWVw2ez5de4", "idempotency_key": "wHHPX17W-ITMcBVbbwX3Vf1GowLQXkJht-ks6Hi7_tg", "expected_seconds": 4.200956940000033, "cancel_requested_at": null}');
insert into public.generations select * from jsonb_populate_record(null::public.generations, E'{"id": "gen_01a22a3a-1b82-73ea-ac63-e15d5d3d2645", "job": "\\\\x0a2867656e5f30316132326133612d316238322d373365612d616336332d653135643564336432363435122874656e5f30316132326133612d313862392d373031382d386266352d3363653365396364376530391a286b65795f30316132326133612d313863302d373766662d393235642d3738343531623838303064632206706f636b6574384040404803510000000000001040580760016801710070bca1a3227a427a3470726f6d7074732f67656e5f30316132326133612d316238322d373365612d616336332d6531356435643364323634352e747874980102e10173e8ba0cd9e28a3fea01046175746f", "kind": "generation", "model": "pocket", "steps": 3, "width": 64, "height": 64, "key_id": "key_01a22a3a-18c0-77ff-925d-78451b8800dc", "status": "accepted", "worker": null, "attempts": 0, "ended_at": null, "tenant_id": "ten_01a22a3a-18b9-7018-8bf5-3ce3e9cd7e09", "created_at": "2026-11-30T02:13:00.999+00:00", "error_code": null, "started_at": null, "image_count": 1, "error_message": null, "request_digest": "QhZBybThYbvDuM6mXTdhY60QGa24YuuUOnquvkRjrhc", "idempotency_key": "gM-j5_KN3k32RDa2UiMK_yjXd5EW0TacIe8rvzcmHXE", "expected_seconds": 0.013127990437500103, "cancel_requested_at": null}');
insert into public.generations select * from jsonb_populate_record(null::public.generations, E'{"id": "gen_01a22a3a-1bd3-7792-8bea-17b1d67926a2", "job": "\\\\x0a2867656e5f30316132326133612d316264332d373739322d386265612d313762316436373932366132122874656e5f30316132326133612d313862392d373031382d386266352d3363653365396364376530391a286b65795f30316132326133612d313863302d373766662d393235642d3738343531623838303064632206706f636b65742a206120726564206170706c65206f6e206120626c7565206261636b67726f756e64384040404803510000000000001040580760016801710090bda1a3227a42e10173e8ba0cd9e28a3fea01046175746f", "kind": "generation", "model": "pocket", "steps": 3, "width": 64, "height": 64, "key_id": "key_01a22a3a-18c0-77ff-925d-78451b8800dc", "status": "accepted", "worker": null, "attempts": 0, "ended_at": null, "tenant_id": "ten_01a22a3a-18b9-7018-8bf5-3ce3e9cd7e09", "created_at": "2026-11-30T02:13:01.017+00:00", "error_code": null, "started_at": null, "image_count": 1, "error_message": null, "request_digest": "5LbjAAVUHajOMjlQRSXT6QH9421noG8eIYMwZneQGHk", "idempotency_key": "i0cEXre4ykKqln8z7h0BS6ifjRrCB0JrSC00tcDZCTU", "expected_seconds": 0.013127990437500103, "cancel_requested_at": "2026-11-30T02:13:01.033+00:00"}');
delete from public.model_registrations;
delete from public.models;
insert into public.models select * from jsonb_populate_record(null::public.models, '{"name": "pocket", "digest": "sha256:d86844dc0a3a1d1465cced5e9c94a0c65d94d39dd8e52ee3b9cdf750d3bde4b6", "retired_at": null, "retired_by": null, "last_seen_at": "2026-11-30T02:13:00.864+00:00", "default_steps": 20, "first_seen_at": "2026-11-30T02:13:00.864+00:00"}');
insert into public.models select * from jsonb_populate_record(null::public.models, '{"name": "pocket-turbo", "digest": "sha256:348ce8611de102a35080784224029c861c620281a24ccf94b73815f7a0354d4e", "retired_at": null, "retired_by": null, "last_seen_at": "2026-11-30T02:13:00.864+00:00", "default_steps": 4, "first_seen_at": "2026-11-30T02:13:00.864+00:00"}');
delete from public.operators;
delete from public.owed_messages;
insert into public.owed_messages select * from jsonb_populate_record(null::public.owed_messages, '{"ended_at": "2026-11-30T02:13:00.657+00:00", "webhook_id": "whk_01a22a3a-18e3-7191-9f86-1783661e4834", "generation_id": "gen_01a22a3a-18f6-75a1-80d4-8fd49be723a1"}');
delete from public.policies;
insert into public.policies select * from jsonb_populate_record(null::public.policies, E'{"digest": "sha256:753ecd7252550ac3ba5b722663242b5e265063768090ce8a9c5ff43651660bba", "document": "{\\"version\\":\\"2026-11-29\\",\\"stages\\":{\\"prompt\\":{\\"child_safety\\":{\\"block\\":1},\\"sexual\\":{\\"block\\":2},\\"self_harm\\":{\\"block\\":2},\\"violence\\":{\\"block\\":2,\\"low\\":{\\"block\\":3}},\\"hate\\":{\\"block\\":2},\\"illicit\\":{\\"block\\":2},\\"deception\\":{\\"block\\":2},\\"trademarks\\":{\\"warn\\":1,\\"block\\":2}},\\"input_image\\":{\\"child_safety\\":{\\"block\\":1},\\"sexual\\":{\\"block\\":2},\\"self_harm\\":{\\"block\\":2},\\"violence\\":{\\"block\\":2},\\"hate\\":{\\"block\\":2},\\"illicit\\":{\\"block\\":2},\\"deception\\":{\\"block\\":2},\\"trademarks\\":{\\"warn\\":1}},\\"output_image\\":{\\"child_safety\\":{\\"block\\":1},\\"sexual\\":{\\"block\\":2},\\"self_harm\\":{\\"block\\":2},\\"violence\\":{\\"block\\":2},\\"hate\\":{\\"block\\":2},\\"illicit\\":{\\"block\\":2},\\"deception\\":{\\"block\\":2},\\"trademarks\\":{\\"warn\\":1}}},\\"exemptions\\":[]}", "created_at": "2026-11-30T02:13:00.296+00:00"}');
delete from public.review_notes;
delete from public.reviews;
delete from public.sessions;
delete from public.tenant_policies;
delete from public.tenants;
insert into public.tenants select * from jsonb_populate_record(null::public.tenants, '{"id": "ten_01a22a3a-18b9-7018-8bf5-3ce3e9cd7e09", "name": "default", "models": null, "weight": null, "defaults": null, "created_at": "2026-11-30T02:13:00.22+00:00", "policy_digest": null, "requests_per_minute": null, "concurrent_generations": null, "previous_policy_digest": null, "compute_units_per_month": null, "compute_units_per_minute": null}');
delete from public.usage_ledger;
insert into public.usage_ledger select * from jsonb_populate_record(null::public.usage_ledger, '{"model": "pocket-turbo", "steps": 4, "width": 64, "height": 64, "key_id": "key_01a22a3a-18c0-77ff-925d-78451b8800dc", "outcome": "succeeded", "kernel_ms": 57.41972899999928, "tenant_id": "ten_01a22a3a-18b9-7018-8bf5-3ce3e9cd7e09", "evaluations": 4, "image_count": 1, "recorded_at": "2026-11-30T02:13:00.649+00:00", "compute_units": 16384, "generation_id": "gen_01a22a3a-18f6-75a1-80d4-8fd49be723a1", "guidance_passes": 1}');
delete from public.webhooks;
insert into public.webhooks select * from jsonb_populate_record(null::public.webhooks, '{"id": "whk_01a22a3a-18e3-7191-9f86-1783661e4834", "url": "http://127.0.0.1:9/hook", "events": ["generation.succeeded", "generation.failed", "generation.cancelled"], "enabled": true, "tenant_id": "ten_01a22a3a-18b9-7018-8bf5-3ce3e9cd7e09", "created_at": "2026-11-30T02:13:00.263+00:00", "description": "", "gateway_url": "http://127.0.0.1:44829", "sealed_secret": "v1.zAZwzDOfXA6y6s_BI5xfRzdc5s4Wv6sug9gT1v83T6yZ2X9n_pBR3pNQCsmc7imEU34fGvIYkysLIsrcmX7k-42hVN7YSVYCB9yp1fv3", "disabled_reason": "", "previous_secret_until": null, "sealed_previous_secret": null}');
select setval('drizzle.__drizzle_migrations_id_seq', (select max(id) from drizzle.__drizzle_migrations));
set session_replication_role = default;
