ALTER TABLE "api_keys" ADD COLUMN "scopes" text[] DEFAULT '{generate,read,usage,webhooks}' NOT NULL;
--> statement-breakpoint
ALTER TABLE "api_keys" ADD COLUMN "expires_at" timestamp with time zone;
--> statement-breakpoint
ALTER TABLE "api_keys" ADD COLUMN "last_used_at" timestamp with time zone;
--> statement-breakpoint
ALTER TABLE "api_keys" ADD COLUMN "requests_per_minute" integer;
--> statement-breakpoint
ALTER TABLE "tenants" ADD COLUMN "weight" double precision;
--> statement-breakpoint
ALTER TABLE "tenants" ADD COLUMN "requests_per_minute" integer;
--> statement-breakpoint
ALTER TABLE "tenants" ADD COLUMN "compute_units_per_minute" bigint;
--> statement-breakpoint
ALTER TABLE "tenants" ADD COLUMN "compute_units_per_month" bigint;
--> statement-breakpoint
ALTER TABLE "tenants" ADD COLUMN "concurrent_generations" integer;
--> statement-breakpoint
ALTER TABLE "tenants" ADD COLUMN "models" text[];
--> statement-breakpoint
ALTER TABLE "tenants" ADD COLUMN "defaults" jsonb;
--> statement-breakpoint
CREATE FUNCTION "refuse_change_of_usage_ledger"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	RAISE EXCEPTION 'usage_ledger is append-only' USING ERRCODE = 'restrict_violation';
END
$$;
--> statement-breakpoint
CREATE TRIGGER "usage_ledger_is_append_only" BEFORE UPDATE OR DELETE OR TRUNCATE ON "usage_ledger"
	FOR EACH STATEMENT EXECUTE FUNCTION "refuse_change_of_usage_ledger"();
