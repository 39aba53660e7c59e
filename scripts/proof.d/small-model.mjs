// A small language model on this machine as an OpenAI-compatible server, for a conversation by hand: see docs/proof.md.
//
//     node small-model.mjs MODEL.gguf PORT [CONTEXT]
//
// Like many such servers it knows only the plain fields and refuses the others. One answer at a time, of 200 tokens at most.
import { createServer } from "node:http";
import { getLlama, LlamaChat } from "node-llama-cpp";

const [path, port, contextSize = "8192"] = process.argv.slice(2);
const LONGEST_ANSWER = 200;

const llama = await getLlama({ gpu: false, build: "never" });
const model = await llama.loadModel({ modelPath: path });
// One thread: several wait for each other actively, which is slow where other programs want the processor too.
const context = await model.createContext({ contextSize: Number(contextSize), threads: 1 });

const refusal = (code, message) => Object.assign(new Error(message), { status: 400, code });

async function complete(body) {
    for (const field of ["reasoning_effort", "max_completion_tokens"]) {
        if (field in body) throw refusal("unsupported_parameter", `Unknown field: ${field}`);
    }
    const count = (text) => model.tokenize(text).length;
    const asked = body.messages.reduce((sum, message) => sum + count(message.content) + 5, 0);
    const room = Number(contextSize) - LONGEST_ANSWER;
    if (asked > room) throw refusal("context_length_exceeded", `${asked} tokens are more than the ${room} that fit`);

    const history = body.messages.map(({ role, content }) =>
        role === "assistant" ? { type: "model", response: [content] } : { type: role, text: content });
    history.push({ type: "model", response: [] });
    const sequence = context.getSequence();
    try {
        const { response } = await new LlamaChat({ contextSequence: sequence }).generateResponse(history, {
            maxTokens: Math.min(body.max_tokens ?? LONGEST_ANSWER, LONGEST_ANSWER),
            temperature: 0.6,
            repeatPenalty: { penalty: 1.1 },
        });
        const answered = count(response);
        return {
            object: "chat.completion",
            model: body.model,
            choices: [{ index: 0, finish_reason: "stop", message: { role: "assistant", content: response } }],
            usage: { prompt_tokens: asked, completion_tokens: answered, total_tokens: asked + answered },
        };
    } finally {
        sequence.dispose();
    }
}

let turn = Promise.resolve();

createServer(async (request, response) => {
    let status = 200, answer;
    try {
        let text = "";
        for await (const chunk of request) text += chunk;
        if (request.url === "/v1/models") {
            answer = { object: "list", data: [{ id: "smollm2-135m", object: "model" }] };
        } else {
            const mine = turn.then(() => complete(JSON.parse(text)));
            turn = mine.catch(() => {});
            answer = await mine;
        }
    } catch (error) {
        status = error.status ?? 500;
        answer = { error: { message: error.message, code: error.code ?? "internal_error" } };
    }
    console.log(request.url, status, answer.error?.message ?? JSON.stringify(answer.usage ?? answer.data));
    response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(answer));
}).listen(Number(port), "127.0.0.1", () => console.log(`http://127.0.0.1:${port}/v1 is open`));
