// KL as a service in Go: fasthttp, JSON by sonic, loops over the rows.
package main

import (
	"encoding/binary"
	"errors"
	"log"
	"math"
	"os"

	"github.com/bytedance/sonic"
	"github.com/valyala/fasthttp"
)

type request struct {
	Input  [][]float64 `json:"input"`
	Target [][]float64 `json:"target"`
	Dim    *int        `json:"dim"`
}

type entry struct {
	Dtype   string `json:"dtype"`
	Shape   [2]int `json:"shape"`
	Offsets [2]int `json:"data_offsets"`
}

type header struct {
	Input  entry `json:"input"`
	Target entry `json:"target"`
}

// The three sums of F.kl_div over logits.
type answer struct {
	Sum       float64 `json:"sum"`
	Mean      float64 `json:"mean"`
	Batchmean float64 `json:"batchmean"`
}

func main() {
	server := fasthttp.Server{Handler: handle, MaxRequestBodySize: 64 << 20}
	log.Fatal(server.ListenAndServe("127.0.0.1:" + os.Getenv("PORT")))
}

func handle(ctx *fasthttp.RequestCtx) {
	read := ofJSON
	if string(ctx.Request.Header.ContentType()) == "application/vnd.safetensors" {
		read = ofSafetensors
	}
	input, target, dim, err := read(ctx.PostBody())
	if err != nil {
		ctx.Error(err.Error(), fasthttp.StatusUnprocessableEntity)
		return
	}
	rows, columns := len(input), len(input[0])
	if dim == 0 {
		input, target = transposed(input), transposed(target)
	}
	sum := 0.0
	for row := range input {
		sum += divergence(input[row], target[row])
	}
	bytes, err := sonic.Marshal(answer{sum, sum / float64(rows*columns), sum / float64(rows)})
	if err != nil {
		ctx.Error(err.Error(), fasthttp.StatusInternalServerError)
		return
	}
	ctx.SetContentType("application/json")
	ctx.SetBody(bytes)
}

func ofJSON(body []byte) (input, target [][]float64, dim int, err error) {
	var read request
	if err = sonic.ConfigFastest.Unmarshal(body, &read); err != nil {
		return
	}
	dim = -1
	if read.Dim != nil {
		dim = *read.Dim
	}
	return read.Input, read.Target, dim, check(read.Input, read.Target)
}

func check(input, target [][]float64) error {
	if len(input) == 0 || len(input) != len(target) {
		return errors.New("the shapes differ")
	}
	for row := range input {
		if len(input[row]) != len(input[0]) || len(target[row]) != len(input[0]) || len(input[0]) == 0 {
			return errors.New("the shapes differ")
		}
	}
	return nil
}

func ofSafetensors(body []byte) (input, target [][]float64, dim int, err error) {
	if len(body) < 8 || binary.LittleEndian.Uint64(body) > uint64(len(body)-8) {
		return nil, nil, 0, errors.New("no header")
	}
	end := 8 + int(binary.LittleEndian.Uint64(body))
	var read header
	if err = sonic.ConfigFastest.Unmarshal(body[8:end], &read); err != nil {
		return
	}
	if input, err = rowsOf(read.Input, body[end:]); err != nil {
		return
	}
	if target, err = rowsOf(read.Target, body[end:]); err != nil {
		return
	}
	return input, target, -1, check(input, target)
}

func rowsOf(tensor entry, data []byte) ([][]float64, error) {
	rows, columns, from, to := tensor.Shape[0], tensor.Shape[1], tensor.Offsets[0], tensor.Offsets[1]
	if tensor.Dtype != "F32" || from < 0 || to > len(data) || to-from != 4*rows*columns {
		return nil, errors.New("expected F32 of that shape")
	}
	wide := make([]float64, rows*columns)
	for at := range wide {
		wide[at] = float64(math.Float32frombits(binary.LittleEndian.Uint32(data[from+4*at:])))
	}
	matrix := make([][]float64, rows)
	for row := range matrix {
		matrix[row] = wide[row*columns : (row+1)*columns]
	}
	return matrix, nil
}

func transposed(matrix [][]float64) [][]float64 {
	turned := make([][]float64, len(matrix[0]))
	for column := range turned {
		turned[column] = make([]float64, len(matrix))
		for row := range matrix {
			turned[column][row] = matrix[row][column]
		}
	}
	return turned
}

// D(softmax(target) || softmax(input)) of one row, in nats: with x shifted by its maximum and Z = sum exp(x),
// sum exp(t) (t - i) / Z_t - ln Z_t + ln Z_i.
func divergence(input, target []float64) float64 {
	mostInput, mostTarget := maximum(input), maximum(target)
	var sumInput, sumTarget, sumTerms float64
	for k, x := range target {
		i, t := input[k]-mostInput, x-mostTarget
		ofTarget := math.Exp(t)
		sumInput += math.Exp(i)
		sumTarget += ofTarget
		sumTerms += ofTarget * (t - i)
	}
	return sumTerms/sumTarget - math.Log(sumTarget) + math.Log(sumInput)
}

func maximum(row []float64) float64 {
	most := row[0]
	for _, x := range row {
		most = max(most, x)
	}
	return most
}
