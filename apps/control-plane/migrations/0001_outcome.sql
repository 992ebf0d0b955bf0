ALTER TABLE "usage_ledger" ADD COLUMN "evaluations" bigint DEFAULT 0 NOT NULL;
--> statement-breakpoint
ALTER TABLE "usage_ledger" ADD COLUMN "outcome" text DEFAULT 'succeeded' NOT NULL;
