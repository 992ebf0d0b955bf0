CREATE TABLE "policies" (
	"digest" text PRIMARY KEY NOT NULL,
	"document" text NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
CREATE TABLE "tenant_policies" (
	"tenant_id" text NOT NULL REFERENCES "tenants"("id"),
	"digest" text NOT NULL REFERENCES "policies"("digest"),
	"author" text NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	PRIMARY KEY ("tenant_id", "digest")
);
--> statement-breakpoint
ALTER TABLE "tenants" ADD COLUMN "policy_digest" text REFERENCES "policies"("digest");
--> statement-breakpoint
ALTER TABLE "tenants" ADD COLUMN "previous_policy_digest" text REFERENCES "policies"("digest");
--> statement-breakpoint
CREATE FUNCTION "refuse_change_of_policies"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	RAISE EXCEPTION 'policies are never changed' USING ERRCODE = 'restrict_violation';
END
$$;
--> statement-breakpoint
CREATE TRIGGER "policies_are_never_changed" BEFORE UPDATE OR DELETE OR TRUNCATE ON "policies"
	FOR EACH STATEMENT EXECUTE FUNCTION "refuse_change_of_policies"();
