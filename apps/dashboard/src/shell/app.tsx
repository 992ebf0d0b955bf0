import { QueryClientProvider } from '@tanstack/react-query';
import { useState } from 'react';
import { BrowserRouter } from 'react-router';
import { createQueryClient } from '../api/queries.js';
import { Failure } from '../components/states.js';
import { useSession } from '../session/session.js';
import { SignIn } from '../session/sign-in.js';
import { Frame } from './frame.js';
import { Notices } from './notices.js';

/** The dashboard. */
export function App() {
  const [client] = useState(createQueryClient);
  return (
    <QueryClientProvider client={client}>
      <BrowserRouter>
        <Notices>
          <Entrance />
        </Notices>
      </BrowserRouter>
    </QueryClientProvider>
  );
}

/** Lets in who is signed in; the address stays, so one comes to where one wanted to. */
function Entrance() {
  const { data, error, refetch } = useSession();
  if (data !== undefined) return data.operator === null ? <SignIn session={data} /> : <Frame operator={data.operator} />;
  return error === null ? null : (
    <main className="entrance">
      <Failure error={error} retry={() => void refetch()} />
    </main>
  );
}
