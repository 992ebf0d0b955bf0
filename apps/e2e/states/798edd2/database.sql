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
delete from public.api_keys;
insert into public.api_keys select * from jsonb_populate_record(null::public.api_keys, '{"id": "key_01a2292c-28cd-712e-a773-c799ddbb65c9", "name": "local", "prefix": "dk_5H5Mio", "scopes": ["generate", "read", "usage", "webhooks"], "tenant_id": "ten_01a2292c-28b9-7256-91d2-130f93687a72", "created_at": "2026-11-29T21:18:09.616+00:00", "expires_at": null, "revoked_at": null, "secret_hash": "244004c95936ec2978e65472a709b85775cfa3115d0531bc807ea9f784a10386", "last_used_at": "2026-11-29T21:18:09.648+00:00", "requests_per_minute": null}');
delete from public.audit_head;
insert into public.audit_head select * from jsonb_populate_record(null::public.audit_head, E'{"hash": "\\\\x961313210ee45789e1f72d7549093fd51c8f6ceb786e0b13ee1747b93cf8624d", "only": true, "sequence": 2}');
delete from public.audit_log;
insert into public.audit_log select * from jsonb_populate_record(null::public.audit_log, E'{"at": "2026-11-29T21:18:09.923+00:00", "id": "dec_01a2292c-2a02-7197-86e0-187a90f5a411", "hash": "\\\\x0afdfd2b89a20f6c645c7b8329d2be2fb2588aceb6f75e10f228904a3f19154c", "kind": "decision", "entry": "\\\\x0a286465635f30316132323932632d326130322d373139372d383665302d313837613930663561343131110030a0c292227a421a99060a2874656e5f30316132323932632d323862392d373235362d393164322d31333066393336383761373212286b65795f30316132323932632d323863642d373132652d613737332d6337393964646262363563391a2867656e5f30316132323932632d323939352d373332632d396662392d333932626235373937383362220670726f6d707432046175746f3a05616c6c6f77520e0a0c6368696c645f73616665747952080a0673657875616c520b0a0973656c665f6861726d520a0a0876696f6c656e636552060a046861746552090a07696c6c69636974520b0a09646563657074696f6e520c0a0a74726164656d61726b7352170a0c6368696c645f736166657479110000000080bd333f52110a0673657875616c110000000000c0e53e52140a0973656c665f6861726d110000000000a4003f52130a0876696f6c656e636511000000000020da3e520f0a046861746511000000000000d63e52120a07696c6c6963697411000000000086273f52140a09646563657074696f6e110000000000b2123f52150a0a74726164656d61726b7311000000009025783f5a5f706f6c6963792d72756c657320323032362d31312d3239207368613235363a346466393463646631383632373332396365646263613130303461636131333163623261613938303565623163396330393562666631643439323565323066625a0f6f627363656e69747920302e342e365a0e646563616e63657220332e332e335a576d6f6465726174696f6e2d74657874207368613235363a366537396437633332366133616437356431313736636466653531393535376463343433376662653666363862636662343263313539626631613365363633316a0a323032362d31312d323972477368613235363a373533656364373235323535306163336261356237323236363332343262356532363530363337363830393063653861396335666634333635313636306262617900804754a87e364082014031333836623564376437333861613365303962333433636464323535663265643961306264363338326339623265613964663461313763303833366333326435", "stage": "prompt", "action": "allow", "subject": "", "category": "", "sequence": 1, "tenant_id": "ten_01a2292c-28b9-7256-91d2-130f93687a72", "generation_id": "gen_01a2292c-2995-732c-9fb9-392bb579783b"}');
insert into public.audit_log select * from jsonb_populate_record(null::public.audit_log, E'{"at": "2026-11-29T21:18:10.309+00:00", "id": "dec_01a2292c-2b85-731d-ba10-75d9d0356e7d", "hash": "\\\\x961313210ee45789e1f72d7549093fd51c8f6ceb786e0b13ee1747b93cf8624d", "kind": "decision", "entry": "\\\\x0a286465635f30316132323932632d326238352d373331642d626131302d373564396430333536653764110050b8c292227a421ab9030a2874656e5f30316132323932632d323862392d373235362d393164322d31333066393336383761373212286b65795f30316132323932632d323863642d373132652d613737332d6337393964646262363563391a2867656e5f30316132323932632d323939352d373332632d396662392d333932626235373937383362220c6f75747075745f696d61676532046175746f3a05616c6c6f7752110a0673657875616c1100000080f219733f52110a0673657875616c11000000c02e81253f5a576d6f6465726174696f6e2d6e736677207368613235363a363030363831363264356535656434313565646162393336316366393962373530343939656363363634643937333762366561353863383938346564366230326a0a323032362d31312d323972477368613235363a373533656364373235323535306163336261356237323236363332343262356532363530363337363830393063653861396335666634333635313636306262617900e0bbcd1b23404082014061353034306233616563616134653831646137323136636263366165663263613939616666653939666466663966373637303461376266396438393762626335", "stage": "output_image", "action": "allow", "subject": "", "category": "", "sequence": 2, "tenant_id": "ten_01a2292c-28b9-7256-91d2-130f93687a72", "generation_id": "gen_01a2292c-2995-732c-9fb9-392bb579783b"}');
delete from public.policies;
insert into public.policies select * from jsonb_populate_record(null::public.policies, E'{"digest": "sha256:753ecd7252550ac3ba5b722663242b5e265063768090ce8a9c5ff43651660bba", "document": "{\\"version\\":\\"2026-11-29\\",\\"stages\\":{\\"prompt\\":{\\"child_safety\\":{\\"block\\":1},\\"sexual\\":{\\"block\\":2},\\"self_harm\\":{\\"block\\":2},\\"violence\\":{\\"block\\":2,\\"low\\":{\\"block\\":3}},\\"hate\\":{\\"block\\":2},\\"illicit\\":{\\"block\\":2},\\"deception\\":{\\"block\\":2},\\"trademarks\\":{\\"warn\\":1,\\"block\\":2}},\\"input_image\\":{\\"child_safety\\":{\\"block\\":1},\\"sexual\\":{\\"block\\":2},\\"self_harm\\":{\\"block\\":2},\\"violence\\":{\\"block\\":2},\\"hate\\":{\\"block\\":2},\\"illicit\\":{\\"block\\":2},\\"deception\\":{\\"block\\":2},\\"trademarks\\":{\\"warn\\":1}},\\"output_image\\":{\\"child_safety\\":{\\"block\\":1},\\"sexual\\":{\\"block\\":2},\\"self_harm\\":{\\"block\\":2},\\"violence\\":{\\"block\\":2},\\"hate\\":{\\"block\\":2},\\"illicit\\":{\\"block\\":2},\\"deception\\":{\\"block\\":2},\\"trademarks\\":{\\"warn\\":1}}},\\"exemptions\\":[]}", "created_at": "2026-11-29T21:18:09.925+00:00"}');
delete from public.review_notes;
delete from public.reviews;
delete from public.tenant_policies;
delete from public.tenants;
insert into public.tenants select * from jsonb_populate_record(null::public.tenants, '{"id": "ten_01a2292c-28b9-7256-91d2-130f93687a72", "name": "default", "models": null, "weight": null, "defaults": null, "created_at": "2026-11-29T21:18:09.595+00:00", "policy_digest": null, "requests_per_minute": null, "concurrent_generations": null, "previous_policy_digest": null, "compute_units_per_month": null, "compute_units_per_minute": null}');
delete from public.usage_ledger;
insert into public.usage_ledger select * from jsonb_populate_record(null::public.usage_ledger, '{"model": "pocket-turbo", "steps": 4, "width": 64, "height": 64, "key_id": "key_01a2292c-28cd-712e-a773-c799ddbb65c9", "outcome": "succeeded", "kernel_ms": 78.87932600000022, "tenant_id": "ten_01a2292c-28b9-7256-91d2-130f93687a72", "evaluations": 4, "image_count": 1, "recorded_at": "2026-11-29T21:18:10.782+00:00", "compute_units": 16384, "generation_id": "gen_01a2292c-2995-732c-9fb9-392bb579783b", "guidance_passes": 1}');
delete from public.webhooks;
insert into public.webhooks select * from jsonb_populate_record(null::public.webhooks, '{"id": "whk_01a2292c-2904-763c-bf4f-bc95e1a8823c", "url": "http://127.0.0.1:9/hook", "events": ["generation.succeeded", "generation.failed", "generation.cancelled"], "enabled": true, "tenant_id": "ten_01a2292c-28b9-7256-91d2-130f93687a72", "created_at": "2026-11-29T21:18:09.677+00:00", "description": "", "gateway_url": "http://127.0.0.1:37041", "sealed_secret": "v1.gxLgIp8Y-no2vx8hadm-SKd-FJSItji9BIhq8CNIgPFCu7d2DGusOW3636txYolV4qW2CQhEsYm4kfITk_yLjDN7PtyQ8VdCDvAAe-ta", "disabled_reason": "", "previous_secret_until": null, "sealed_previous_secret": null}');
select setval('drizzle.__drizzle_migrations_id_seq', (select max(id) from drizzle.__drizzle_migrations));
set session_replication_role = default;
