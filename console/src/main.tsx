import "@mantine/core/styles.css";
import "@/hall/hall.css";
import { MantineProvider } from "@mantine/core";
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { RouterProvider } from "@tanstack/react-router";
import { StrictMode, useEffect, useSyncExternalStore } from "react";
import { createRoot } from "react-dom/client";
import { ApiError } from "@/api/client";
import { token } from "@/api/token";
import { NowProvider } from "@/hall/Ago";
import { SignIn } from "@/hall/SignIn";
import { cssVariables, theme } from "@/hall/theme";
import { router } from "@/routes";

token.adopt(location, history);

const queries = new QueryClient({
  defaultOptions: {
    queries: { staleTime: 5_000, retry: (failures, error) => failures < 2 && isPassing(error) },
  },
});

function App() {
  const signedIn = useSyncExternalStore(token.subscribe, token.read);
  useEffect(() => {
    if (!signedIn) queries.clear();
  }, [signedIn]);
  return signedIn ? <RouterProvider router={router} /> : <SignIn refused={token.wasRefused()} />;
}

/** A refusal stays one; only silence and the server's own faults are worth another try. */
function isPassing(error: Error): boolean {
  return !(error instanceof ApiError) || error.status === 0 || error.status >= 500;
}

const root = document.getElementById("root");
if (!root) throw new Error("index.html has no #root");
createRoot(root).render(
  <StrictMode>
    <MantineProvider theme={theme} cssVariablesResolver={cssVariables} defaultColorScheme="auto">
      <QueryClientProvider client={queries}>
        <NowProvider>
          <App />
        </NowProvider>
      </QueryClientProvider>
    </MantineProvider>
  </StrictMode>,
);
