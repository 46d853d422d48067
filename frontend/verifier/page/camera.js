/* The camera: starts and stops on a button, and hands on what it sees. */
import { codesIn, prepare } from './reader.js';

const WANTED = { video: { facingMode: 'environment', width: { ideal: 1280 }, height: { ideal: 720 } }, audio: false };
const PAUSE = 60;

export class Camera {
  constructor(video, onCodes) {
    this.video = video;
    this.onCodes = onCodes;
    this.stream = null;
    this.canvas = document.createElement('canvas');
  }

  get isOn() {
    return this.stream !== null;
  }

  /** Throws what the browser throws when there is no camera or it is not allowed. */
  async start() {
    await prepare();
    this.stream = await navigator.mediaDevices.getUserMedia(WANTED);
    this.video.srcObject = this.stream;
    await this.video.play();
    this.look();
  }

  stop() {
    this.stream?.getTracks().forEach((track) => track.stop());
    this.stream = null;
    this.video.srcObject = null;
  }

  async look() {
    while (this.isOn) {
      const seenAt = performance.now();
      const frame = this.frame();
      const codes = frame ? await codesIn(frame) : [];
      if (codes.length && this.isOn) await this.onCodes(codes, seenAt);
      await new Promise((resolve) => setTimeout(resolve, PAUSE));
    }
  }

  frame() {
    const { videoWidth: width, videoHeight: height } = this.video;
    if (!width) return null;
    Object.assign(this.canvas, { width, height });
    const context = this.canvas.getContext('2d', { willReadFrequently: true });
    context.drawImage(this.video, 0, 0);
    return context.getImageData(0, 0, width, height);
  }
}
