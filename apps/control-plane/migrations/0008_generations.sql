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
--> statement-breakpoint
CREATE INDEX "generations_tenant" ON "generations" ("tenant_id", "id");
--> statement-breakpoint
CREATE INDEX "generations_unfinished" ON "generations" ("id") WHERE "status" IN ('accepted', 'running');
--> statement-breakpoint
CREATE INDEX "generations_idempotency" ON "generations" ("tenant_id", "idempotency_key") WHERE "idempotency_key" IS NOT NULL;
