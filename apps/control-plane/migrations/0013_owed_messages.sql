CREATE TABLE "owed_messages" (
	"generation_id" text NOT NULL,
	"webhook_id" text NOT NULL REFERENCES "webhooks"("id") ON DELETE CASCADE,
	"ended_at" timestamp with time zone NOT NULL,
	PRIMARY KEY ("generation_id", "webhook_id")
);
--> statement-breakpoint
CREATE INDEX "owed_messages_webhook" ON "owed_messages" ("webhook_id");
