import { ApiError, DarkroomClient, type Model } from '@darkroom/client';
import { useEffect, useMemo, useState } from 'react';
import { CompareDialog } from './components/compare-dialog.js';
import { CopyButtons } from './components/copy-buttons.js';
import { ExposureCard } from './components/exposure-card.js';
import { KeyForm } from './components/key-form.js';
import { OriginDialog } from './components/origin-dialog.js';
import { PictureCard } from './components/picture-card.js';
import { PromptForm } from './components/prompt-form.js';
import { ThemeButton } from './components/theme-button.js';
import type { KeptPicture } from './state/gallery.js';
import { fromFragment, initialSettings, randomSeed, type Settings } from './state/settings.js';
import { openPicture } from './state/source-picture.js';
import { useStored } from './state/use-stored.js';
import { useStudio } from './state/use-studio.js';

/** Takes a key out of the address, where the launcher puts it, so that it does not stay in the history. */
function takeKeyFromAddress(): void {
  const key = new URLSearchParams(window.location.hash.slice(1)).get('key');
  if (key === null) return;
  localStorage.setItem(keyName, key);
  window.history.replaceState(null, '', window.location.pathname);
}

const keyName = 'darkroom-key';
takeKeyFromAddress();

/** The playground: a form on one side, pictures on the other. */
export function App() {
  const [key, setKey] = useStored(keyName);
  // The page is served by the gateway itself.
  const client = useMemo(() => (key === undefined ? undefined : new DarkroomClient({ baseUrl: '', apiKey: key })), [key]);
  const [models, setModels] = useState<readonly Model[]>([]);
  const [problem, setProblem] = useState<ApiError>();
  const [settings, setSettings] = useState<Settings>(() => fromFragment(window.location.hash) ?? initialSettings());
  const [compared, setCompared] = useState<readonly string[]>([]);
  const [isAskingOrigin, setAskingOrigin] = useState(false);
  const studio = useStudio(client);

  useEffect(() => {
    if (client === undefined) return;
    client.models().then(
      (served) => {
        setModels(served);
        setProblem(undefined);
      },
      (error: unknown) =>
        setProblem(error instanceof ApiError ? error : new ApiError(0, { message: 'no answer', code: 'unreachable' })),
    );
  }, [client]);

  const sizeOf = ({ size, model }: Settings) =>
    size ?? models.find(({ id }) => id === model)?.size.default ?? models[0]?.size.default ?? null;
  const expose = (wanted: Settings) => {
    // Of a picture that is started from, the shape is the picture's own.
    const size = wanted.picture ? wanted.size : sizeOf(wanted);
    studio.expose({ ...wanted, size });
    if (!wanted.keepSeed) setSettings({ ...wanted, seed: randomSeed() });
  };
  const compare = ({ id }: KeptPicture, isCompared: boolean) =>
    setCompared((all) => (isCompared ? [...all, id].slice(-2) : all.filter((one) => one !== id)));
  const pair = compared
    .map((id) => studio.pictures.find((picture) => picture.id === id))
    .filter((picture) => picture !== undefined);
  const mustEnter = key === undefined || problem?.code === 'unauthenticated';

  return (
    <>
      <header>
        <h1>Darkroom</h1>
        <nav aria-label="Page">
          {!mustEnter && (
            <button type="button" className="quiet" onClick={() => setAskingOrigin(true)}>
              Is it ours?
            </button>
          )}
          <ThemeButton />
          {key !== undefined && (
            <button type="button" className="quiet" onClick={() => setKey(undefined)}>
              Change key
            </button>
          )}
        </nav>
      </header>
      {mustEnter ? (
        <main className="entrance">
          <KeyForm
            wasRefused={problem !== undefined}
            onKey={(entered) => {
              setProblem(undefined);
              setKey(entered);
            }}
          />
        </main>
      ) : (
        <main className="studio">
          <section aria-label="Settings">
            <PromptForm
              settings={settings}
              models={models}
              isReady={models.length > 0}
              onChange={setSettings}
              onSubmit={() => expose(settings)}
            />
            <CopyButtons settings={settings} />
            {problem && <p role="alert">The server does not answer: {problem.message}. Reload to try again.</p>}
          </section>
          <section aria-label="Pictures" className="pictures">
            <p className="visually-hidden" role="status">
              {studio.exposures.length > 0 ? `${studio.exposures.length} developing` : ''}
            </p>
            {studio.exposures.length + studio.pictures.length === 0 && (
              <p className="empty">Your pictures will hang here. They stay in this browser.</p>
            )}
            {studio.exposures.map((exposure) => (
              <ExposureCard
                key={exposure.name}
                exposure={exposure}
                onCancel={() => studio.cancel(exposure)}
                onDismiss={() => studio.dismiss(exposure)}
                onRetry={() => {
                  studio.dismiss(exposure);
                  studio.expose(exposure.settings);
                }}
              />
            ))}
            {studio.pictures.map((picture) => (
              <PictureCard
                key={picture.id}
                picture={picture}
                isCompared={compared.includes(picture.id)}
                onCompare={(isCompared) => compare(picture, isCompared)}
                onReuse={() => setSettings({ ...initialSettings(), ...picture.settings, keepSeed: true })}
                onStartFrom={() =>
                  void openPicture(picture.blob).then((opened) => setSettings({ ...settings, picture: opened, size: null }))
                }
                onForget={() => studio.forget(picture)}
              />
            ))}
          </section>
        </main>
      )}
      {isAskingOrigin && client && <OriginDialog client={client} onClose={() => setAskingOrigin(false)} />}
      {pair.length === 2 && <CompareDialog pictures={pair as [KeptPicture, KeptPicture]} onClose={() => setCompared([])} />}
    </>
  );
}
