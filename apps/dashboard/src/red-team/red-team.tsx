import './red-team.css';
import type { BeforeAfterBody, FindingListBody, RedTeamReportBody } from '@darkroom/contracts/admin';
import { useQuery } from '@tanstack/react-query';
import { resource } from '../api/queries.js';
import { Empty, Loaded } from '../components/states.js';
import { TimeAgo } from '../components/time-ago.js';
import { Page } from '../shell/page.js';
import { Findings } from './findings.js';
import { Rates } from './rates.js';

/** What the red team has found, and what it measured last. */
export function RedTeam() {
  const query = useQuery(resource<FindingListBody>('findings'));
  return (
    <Page
      title="Red team"
      about="How moderation is got around, and what became of it. It is read here; npm run redteam changes it."
    >
      <Loaded query={query}>
        {({ configured, data, report }) => (
          <>
            {report === null ? (
              <Empty>There is no report: set REDTEAM_REPORT to a report.json of npm run redteam -- report.</Empty>
            ) : (
              <Report report={report} />
            )}
            {configured ? (
              <Findings findings={data} />
            ) : (
              <Empty>The control plane wasn’t told where findings are: set REDTEAM_DIR to the folder that has them.</Empty>
            )}
          </>
        )}
      </Loaded>
    </Page>
  );
}

function Report({ report: { started_at, attack_success, over_refusal } }: { report: RedTeamReportBody }) {
  return (
    <>
      <p className="hint">
        Last run <TimeAgo at={started_at} />. Dots are shares, the lines through them intervals of 95 % (Wilson).
      </p>
      <div className="panels">
        <Rates title="Harmful requests that got through" rates={ofAllLevels(attack_success)} />
        <Rates title="Harmless requests that were refused" rates={over_refusal} />
      </div>
    </>
  );
}

function ofAllLevels(success: RedTeamReportBody['attack_success']): Readonly<Record<string, BeforeAfterBody>> {
  return Object.fromEntries(Object.entries(success).flatMap(([name, { all }]) => (all === undefined ? [] : [[name, all]])));
}
