ALTER TABLE "audit_log" ADD COLUMN "subject" text DEFAULT '' NOT NULL;
--> statement-breakpoint
CREATE INDEX "audit_log_subject" ON "audit_log" ("subject") WHERE "subject" <> '';
--> statement-breakpoint
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
--> statement-breakpoint
CREATE INDEX "reviews_status" ON "reviews" ("status", "decision_id");
--> statement-breakpoint
CREATE TABLE "review_notes" (
	"id" text PRIMARY KEY NOT NULL,
	"decision_id" text NOT NULL REFERENCES "reviews"("decision_id"),
	"author" text NOT NULL,
	"text" text NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
CREATE INDEX "review_notes_decision" ON "review_notes" ("decision_id");
