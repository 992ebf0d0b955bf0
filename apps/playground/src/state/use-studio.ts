import type { DarkroomClient } from '@darkroom/client';
import { useCallback, useEffect, useRef, useState } from 'react';
import { type Developing, develop, sending } from './developing.js';
import { forgetPicture, type KeptPicture, keepPicture, keptPictures } from './gallery.js';
import { partialImages, requestOf, type Settings } from './settings.js';

/** One picture that is being made, under a name of the page's own until the gateway gives it an id. */
export interface Exposure {
  readonly name: string;
  readonly settings: Settings;
  readonly developing: Developing;
}

/** The pictures that are being made and those that are kept. */
export interface Studio {
  readonly exposures: readonly Exposure[];
  readonly pictures: readonly KeptPicture[];
  expose(settings: Settings): void;
  cancel(exposure: Exposure): void;
  dismiss(exposure: Exposure): void;
  forget(picture: KeptPicture): void;
}

/** Makes pictures with the client and keeps those that come out. */
export function useStudio(client: DarkroomClient | undefined): Studio {
  const [exposures, setExposures] = useState<readonly Exposure[]>([]);
  const [pictures, setPictures] = useState<readonly KeptPicture[]>([]);
  const leaving = useRef(new AbortController());

  useEffect(() => {
    void keptPictures().then(setPictures);
    const controller = new AbortController();
    leaving.current = controller;
    return () => controller.abort();
  }, []);

  const dismiss = useCallback(({ name }: Exposure) => setExposures((all) => all.filter((one) => one.name !== name)), []);

  const expose = useCallback(
    (settings: Settings) => {
      if (client === undefined) return;
      const exposure = { name: crypto.randomUUID(), settings, developing: sending };
      setExposures((all) => [exposure, ...all]);
      const show = (developing: Developing) =>
        setExposures((all) => all.map((one) => (one.name === exposure.name ? { ...one, developing } : one)));
      const body = { ...requestOf(settings), partial_images: partialImages };
      void develop(client, body, settings.picture, leaving.current.signal, show).then(async (developing) => {
        const picture = await toPicture(client, settings, developing);
        if (picture === undefined) return;
        await keepPicture(picture);
        setPictures((all) => [picture, ...all.filter(({ id }) => id !== picture.id)]);
        dismiss(exposure);
      });
    },
    [client, dismiss],
  );

  const cancel = useCallback(
    ({ developing }: Exposure) => {
      if (developing.id !== undefined) void client?.cancel(developing.id).catch(() => undefined);
    },
    [client],
  );

  const forget = useCallback((picture: KeptPicture) => {
    void forgetPicture(picture.id);
    setPictures((all) => all.filter(({ id }) => id !== picture.id));
  }, []);

  return { exposures, pictures, expose, cancel, dismiss, forget };
}

async function toPicture(
  client: DarkroomClient,
  settings: Settings,
  { generation }: Developing,
): Promise<KeptPicture | undefined> {
  const [shown] = generation?.data ?? [];
  const url = shown?.url;
  const receipt = generation?.receipt;
  if (generation === undefined || url === undefined || !receipt) return undefined;
  return {
    id: generation.id,
    createdAt: Date.now(),
    settings,
    blob: await client.image(url),
    isBlurred: shown?.blurred ?? false,
    width: receipt.width,
    height: receipt.height,
    model: receipt.model,
    modelDigest: receipt.model_digest,
  };
}
