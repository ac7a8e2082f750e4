/** What a picture takes from the style sheet, as attributes of SVG. */
const properties = [
  'fill',
  'fill-opacity',
  'stroke',
  'stroke-opacity',
  'stroke-width',
  'stroke-dasharray',
  'font-family',
  'font-size',
  'font-weight',
  'text-anchor',
];

/** Returns a picture as a file of its own: with the styles of the page in it, on the ground that it stands on. */
export function svgFile(picture: SVGSVGElement): string {
  const copy = picture.cloneNode(true) as SVGSVGElement;
  const originals = [picture, ...picture.querySelectorAll('*')];
  for (const [place, one] of [copy, ...copy.querySelectorAll('*')].entries()) {
    const style = getComputedStyle(originals[place]);
    for (const name of properties) {
      const value = style.getPropertyValue(name);
      if (value !== '') one.setAttribute(name, inRgb(value));
    }
    one.removeAttribute('class');
  }
  const { width, height } = picture.viewBox.baseVal;
  const ground = document.createElementNS('http://www.w3.org/2000/svg', 'rect');
  for (const [name, value] of Object.entries({
    width,
    height,
    fill: inRgb(getComputedStyle(document.body).getPropertyValue('--surface').trim()),
  }))
    ground.setAttribute(name, String(value));
  copy.prepend(ground);
  copy.setAttribute('xmlns', 'http://www.w3.org/2000/svg');
  copy.setAttribute('width', String(width));
  copy.setAttribute('height', String(height));
  return new XMLSerializer().serializeToString(copy);
}

/** Browsers say mixed colours as `color(srgb …)`, which other programs do not read. */
function inRgb(value: string): string {
  return value.replace(
    /color\(srgb ([\d.e-]+) ([\d.e-]+) ([\d.e-]+)[^)]*\)/g,
    (_, ...parts: string[]) =>
      `rgb(${parts
        .slice(0, 3)
        .map((part) => Math.round(255 * Number(part)))
        .join(', ')})`,
  );
}

/** Returns a picture as a PNG, twice as large as it is shown. */
export async function pngFile(picture: SVGSVGElement): Promise<Blob> {
  const { width, height } = picture.viewBox.baseVal;
  const image = new Image(width, height);
  image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(svgFile(picture))}`;
  await image.decode();
  const canvas = Object.assign(document.createElement('canvas'), { width: 2 * width, height: 2 * height });
  canvas.getContext('2d')?.drawImage(image, 0, 0, canvas.width, canvas.height);
  return await new Promise((resolve, reject) =>
    canvas.toBlob((blob) => (blob === null ? reject(new Error('the picture is too large for a PNG')) : resolve(blob)), 'image/png'),
  );
}

/** Saves content as a file of the visitor. */
export function download(content: Blob, name: string): void {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(content);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}
