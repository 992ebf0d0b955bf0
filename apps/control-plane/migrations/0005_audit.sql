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
--> statement-breakpoint
CREATE INDEX "audit_log_generation" ON "audit_log" ("generation_id");
--> statement-breakpoint
CREATE INDEX "audit_log_tenant_at" ON "audit_log" ("tenant_id", "at");
--> statement-breakpoint
CREATE TABLE "audit_head" (
	"only" boolean PRIMARY KEY DEFAULT true NOT NULL CHECK ("only"),
	"sequence" bigint NOT NULL,
	"hash" bytea NOT NULL
);
--> statement-breakpoint
INSERT INTO "audit_head" ("sequence", "hash") VALUES (0, decode(repeat('00', 32), 'hex'));
--> statement-breakpoint
CREATE FUNCTION "refuse_change_of_audit_log"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	RAISE EXCEPTION 'audit_log is append-only' USING ERRCODE = 'restrict_violation';
END
$$;
--> statement-breakpoint
CREATE TRIGGER "audit_log_is_append_only" BEFORE UPDATE OR DELETE OR TRUNCATE ON "audit_log"
	FOR EACH STATEMENT EXECUTE FUNCTION "refuse_change_of_audit_log"();
